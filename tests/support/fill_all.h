#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <string>

// Tests that go through all fields of a message, so that they cover a new one by themselves.
namespace seatsaga::testing {

using google::protobuf::FieldDescriptor;

// Sets every field, of messages in it too, to something that fits. A text is the field's name,
// unless `texts` says what it must look like.
inline void FillAll(google::protobuf::Message& message,
                    const std::map<std::string, std::string>& texts) {
  const auto* reflection = message.GetReflection();
  const auto* descriptor = message.GetDescriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* field = descriptor->field(i);
    const auto text = texts.find(field->name());
    const std::string value = text == texts.end() ? field->name() : text->second;
    INFO(field->full_name());
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        field->is_repeated() ? reflection->AddString(&message, field, value)
                             : reflection->SetString(&message, field, value);
        break;
      case FieldDescriptor::CPPTYPE_INT64:
        field->is_repeated() ? reflection->AddInt64(&message, field, 7000 + i)
                             : reflection->SetInt64(&message, field, 7000 + i);
        break;
      case FieldDescriptor::CPPTYPE_INT32:
        REQUIRE_FALSE(field->is_repeated());
        reflection->SetInt32(&message, field, 7000 + i);
        break;
      case FieldDescriptor::CPPTYPE_BOOL:
        REQUIRE_FALSE(field->is_repeated());
        reflection->SetBool(&message, field, true);
        break;
      case FieldDescriptor::CPPTYPE_ENUM:
        REQUIRE_FALSE(field->is_repeated());
        reflection->SetEnum(&message, field, field->enum_type()->value(1));
        break;
      case FieldDescriptor::CPPTYPE_MESSAGE:
        FillAll(field->is_repeated() ? *reflection->AddMessage(&message, field)
                                     : *reflection->MutableMessage(&message, field),
                texts);
        break;
      default:
        FAIL("a field of a type that this test does not fill yet");
    }
  }
}

// Calls `check(name, spoilt)` with a copy of the message per text or bytes field, in which only
// that one is far too long.
template <class M>
void ForEachTooLong(const M& good, const std::function<void(const std::string&, const M&)>& check) {
  const std::string too_long(100'000, 'x');
  for (int i = 0; i < M::descriptor()->field_count(); ++i) {
    const FieldDescriptor* field = M::descriptor()->field(i);
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_STRING) continue;
    M spoilt = good;
    if (field->is_repeated()) {
      spoilt.GetReflection()->AddString(&spoilt, field, too_long);
    } else {
      spoilt.GetReflection()->SetString(&spoilt, field, too_long);
    }
    check(field->name(), spoilt);
  }
}

}  // namespace seatsaga::testing
