#include "sagactl/json.h"

#include <google/protobuf/util/json_util.h>

#include "common/text.h"

namespace seatsaga::cli {

absl::StatusOr<std::string> ToJson(const google::protobuf::Message& message, JsonLayout layout) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  options.add_whitespace = layout == JsonLayout::kIndented;
  std::string out;
  const auto status = google::protobuf::util::MessageToJsonString(message, &out, options);
  if (!status.ok()) {
    return absl::InternalError(AbslView(Cat("cannot print as JSON: ", status.ToString())));
  }
  if (!out.ends_with('\n')) out += '\n';
  return out;
}

}  // namespace seatsaga::cli
