#include "common/wire/method.h"

#include <cstdlib>

#include "common/log.h"
#include "common/text.h"

namespace seatsaga {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;

// The method of `file` that takes `request` and streams as `streams` says. Otherwise any method
// that takes it; null if there is none.
const MethodDescriptor* Find(const FileDescriptor& file, const Descriptor* request, bool streams) {
  const MethodDescriptor* found = nullptr;
  for (int i = 0; i < file.service_count(); ++i) {
    for (int j = 0; j < file.service(i)->method_count(); ++j) {
      const MethodDescriptor* method = file.service(i)->method(j);
      if (method->input_type() != request) continue;
      found = method;
      if (method->server_streaming() == streams && !method->client_streaming()) return method;
    }
  }
  return found;
}

[[noreturn]] void Refuse(const Descriptor* request, std::string_view why) {
  log::Error("wrong_method", {{"request", request->full_name()}},
             Cat("a table in api/ does not match its .proto: ", why));
  std::abort();
}

}  // namespace

MethodInfo FindMethod(const Descriptor* request, const Descriptor* response, bool streams,
                      Listener listener) {
  const MethodDescriptor* method = Find(*request->file(), request, streams);
  if (method == nullptr) Refuse(request, "no method takes this request");
  if (method->client_streaming() || method->server_streaming() != streams) {
    Refuse(request,
           Cat(method->full_name(), streams ? " does not answer with a stream" : " is not unary"));
  }
  if (method->output_type() != response) {
    Refuse(request, Cat(method->full_name(), " answers with ", method->output_type()->full_name(),
                        ", not with ", response->full_name()));
  }
  return {.descriptor = method,
          .path = Cat("/", method->service()->full_name(), "/", method->name()),
          .listener = listener};
}

}  // namespace seatsaga
