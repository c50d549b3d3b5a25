#pragma once

#include <google/protobuf/arena.h>
#include <google/protobuf/message.h>

#include <cstddef>
#include <memory>

namespace seatsaga {

// A message whose parts are allocated together and freed together: for answers of thousands of
// parts, which otherwise cost more to allocate and free than to fill. Can replace a message type in
// the tables of api/. Move-only; not thread-safe.
template <class T>
class OnArena {
 public:
  OnArena()
      : arena_(std::make_unique<google::protobuf::Arena>(Options())),
        message_(google::protobuf::Arena::CreateMessage<T>(arena_.get())) {}

  T& operator*() { return *message_; }
  const T& operator*() const { return *message_; }
  T* operator->() { return message_; }
  const T* operator->() const { return message_; }

  // As a message of any type; implicit, as a message itself would become one.
  // NOLINTBEGIN(google-explicit-constructor)
  operator google::protobuf::Message&() { return *message_; }
  operator const google::protobuf::Message&() const { return *message_; }
  // NOLINTEND(google-explicit-constructor)

 private:
  // It grows in blocks, each twice as large as the one before up to this size.
  static constexpr size_t kBlockMax = size_t{1} << 18;

  static google::protobuf::ArenaOptions Options() {
    google::protobuf::ArenaOptions options;
    options.max_block_size = kBlockMax;
    return options;
  }

  std::unique_ptr<google::protobuf::Arena> arena_;
  T* message_;
};

}  // namespace seatsaga
