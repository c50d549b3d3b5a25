#include "common/store/lane.h"

namespace seatsaga::store {

std::string_view Name(Committed committed) {
  switch (committed) {
    case Committed::kDurable:
      return "durable";
    case Committed::kNothing:
      return "nothing";
    case Committed::kConflict:
      return "conflict";
    case Committed::kFenced:
      return "fenced";
    case Committed::kInDoubt:
      return "in_doubt";
  }
  return "?";
}

}  // namespace seatsaga::store
