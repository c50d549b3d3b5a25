#pragma once

#include <google/protobuf/message.h>

#include "sagactl/command.h"
#include "sagactl/json.h"

namespace seatsaga::cli {

// Prints one message in the JSON layout that was asked for and returns the exit status. Only when
// the output is not a table.
int PrintJson(Context& context, const google::protobuf::Message& message);

// Prints every item of `items` as a line of JSON.
template <class Items>
int PrintJsonLines(Context& context, const Items& items) {
  for (const auto& item : items) {
    const auto line = ToJson(item, JsonLayout::kOneLine);
    if (!line.ok()) return Fail(context, line.status());
    context.out << *line;
  }
  return 0;
}

}  // namespace seatsaga::cli
