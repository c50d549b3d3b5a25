#pragma once

#include <array>
#include <cassert>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "absl/time/time.h"
#include "common/id.h"

// A table, described once: every engine makes its CREATE TABLE, its look-ups by key and its
// inserts, updates and deletes by key from this description.
//
//   struct ReservedSeat {
//     int64_t event_no = 0;
//     SeatNo seat_no = 0;
//     Id saga_id;            // who holds it
//   };
//   inline constexpr auto kReservedSeats = store::MakeTable<ReservedSeat>(
//       "reserved_seats",
//       store::Key<&ReservedSeat::event_no>("event_no"),
//       store::Key<&ReservedSeat::seat_no>("seat_no"),
//       store::Field<&ReservedSeat::saga_id>("saga_id"));
//
// Descriptions are immutable; thread-safe. They must be `inline constexpr` at namespace scope:
// their address is their identity.
namespace seatsaga::store {

enum class Type : uint8_t { kInt, kText, kBytes };

// One column's value. Texts and bytes are views: the function that takes or gives a Value says how
// long they must live.
struct Value {
  Type type = Type::kInt;
  int64_t number = 0;
  std::string_view bytes;

  friend bool operator==(const Value&, const Value&) = default;
};

// A row as an engine has it. Views are valid during the visit.
class RowView {
 public:
  virtual ~RowView() = default;
  virtual int64_t Int(int column) const = 0;
  virtual std::string_view Bytes(int column) const = 0;
};

// A piece of a row that several rows share: written like the string, and not copied in between.
using SharedBytes = std::shared_ptr<const std::string>;

namespace internal {

template <class T>
constexpr Type TypeOf() {
  if constexpr (std::is_same_v<T, Id> || std::is_same_v<T, SharedBytes>) {
    return Type::kBytes;
  } else if constexpr (std::is_same_v<T, std::string>) {
    return Type::kText;
  } else {
    static_assert(std::is_integral_v<T> || std::is_enum_v<T> || std::is_same_v<T, absl::Time>,
                  "a column is an Id, an integer, an enum, a bool, a time or a string");
    return Type::kInt;
  }
}

template <class T>
Value ToValue(Type type, const T& value) {
  if constexpr (std::is_same_v<T, Id>) {
    return {type, 0, value.bytes()};
  } else if constexpr (std::is_same_v<T, SharedBytes>) {
    return {type, 0, value == nullptr ? std::string_view() : std::string_view(*value)};
  } else if constexpr (std::is_same_v<T, absl::Time>) {
    return {type, absl::ToUnixMicros(value), {}};
  } else if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
    return {type, static_cast<int64_t>(value), {}};
  } else {
    return {type, 0, std::string_view(value)};
  }
}

template <class T>
void Read(const RowView& row, int column, T& out) {
  if constexpr (std::is_same_v<T, Id>) {
    out = Id::FromBytes(row.Bytes(column)).value_or(Id());
  } else if constexpr (std::is_same_v<T, SharedBytes>) {
    out = std::make_shared<const std::string>(row.Bytes(column));
  } else if constexpr (std::is_same_v<T, absl::Time>) {
    out = absl::FromUnixMicros(row.Int(column));
  } else if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
    out = static_cast<T>(row.Int(column));
  } else {
    out = std::string(row.Bytes(column));
  }
}

template <class M>
struct MemberOf;
template <class R, class T>
struct MemberOf<T R::*> {
  using Row = R;
  using Value = T;
};

template <auto kMember>
Value Get(const void* row, Type type) {
  using Row = typename MemberOf<decltype(kMember)>::Row;
  return ToValue(type, static_cast<const Row*>(row)->*kMember);
}

}  // namespace internal

inline constexpr Type kBytes = Type::kBytes;

// The value of a column as its C++ type has it: an id, a number, an enum, a time or a text. Of ids
// and texts a view, so `value` must outlive it.
template <class T>
Value ValueOf(const T& value) {
  if constexpr (std::is_convertible_v<const T&, std::string_view>) {
    return internal::ToValue(Type::kText, value);
  } else {
    return internal::ToValue(internal::TypeOf<T>(), value);
  }
}

// A column that is no key.
template <auto kMember>
struct Field {
  using T = typename internal::MemberOf<decltype(kMember)>::Value;
  static constexpr bool kIsKey = false;

  constexpr explicit Field(const char* column, Type as = internal::TypeOf<T>())
      : name(column), type(as) {}
  const char* name;
  Type type;
};
// One of the first columns, which make up the primary key in this order.
template <auto kMember>
struct Key : Field<kMember> {
  static constexpr bool kIsKey = true;
  using Field<kMember>::Field;
};

// Columns by which rows are found, in this order.
template <auto... kMembers>
struct Index {
  constexpr explicit Index(const char* index_name, const char* condition = nullptr,
                           bool (*condition_holds)(const void* row) = nullptr)
      : name(index_name), where(condition), includes(condition_holds) {}
  static constexpr bool kIsUnique = false;
  const char* name;
  const char* where;                  // SQL that all engines understand; null: all rows
  bool (*includes)(const void* row);  // the same, for an engine without SQL
};
// One column in which no two rows are alike.
template <auto kMember>
struct Unique : Index<kMember> {
  using Index<kMember>::Index;
  static constexpr bool kIsUnique = true;
  bool rises = false;
  // As KeysRise, for this column.
  constexpr Unique Rising() const {
    Unique rising = *this;
    rising.rises = true;
    return rising;
  }
};
// A number that is no key, and from 0 to the value of a column before it. The store itself refuses
// a commit that breaks this, whatever the logic decided.
template <auto kMember, auto kBound>
struct AtMost {};
// The first key column holds ids that mostly rise, so the only writer of a store can often tell
// from the highest one, without a look-up, that a key is not there. Ids in another order only save
// fewer look-ups; the answer is right all the same.
struct KeysRise {};

struct Column {
  const char* name = nullptr;
  Type type = Type::kInt;
  Value (*get)(const void* row, Type type) = nullptr;
  int bound = -1;  // the column of its greatest value; the least is then 0. -1: no bounds

  Value Of(const void* row) const { return get(row, type); }
};

struct IndexInfo {
  static constexpr int kColumnsMax = 3;
  const char* name = nullptr;
  bool unique = false;
  std::array<int, kColumnsMax> columns{};
  int size = 0;
  const char* where = nullptr;
  bool (*includes)(const void* row) = nullptr;
  bool rises = false;  // of a unique one
};

// Which columns an update writes: bit i for column i.
using ColumnMask = uint32_t;

// What engines know of a table.
struct TableInfo {
  static constexpr int kColumnsMax = 24;
  static constexpr int kIndexesMax = 4;

  const char* name = nullptr;
  std::array<Column, kColumnsMax> columns{};
  int column_count = 0;
  int key_size = 0;
  std::array<IndexInfo, kIndexesMax> indexes{};
  int index_count = 0;
  bool keys_rise = false;

  // All columns but the key.
  constexpr ColumnMask AllFields() const {
    return ((ColumnMask{1} << column_count) - 1) & ~((ColumnMask{1} << key_size) - 1);
  }
};

// Compares rows and keys by key, over as many columns as both have: so a shorter key is the prefix
// of a range of rows. Keys are tuples of values.
template <class TableT>
struct KeyLess {
  using is_transparent = void;
  template <class A, class B>
  bool operator()(const A& a, const B& b) const {
    return Less<0>(TableT::KeyOf(a), TableT::KeyOf(b));
  }

 private:
  template <class X, class Y>
  static auto Compare(const X& x, const Y& y) {
    if constexpr (std::three_way_comparable_with<X, Y>) {
      return x <=> y;
    } else {  // times
      return x < y ? std::weak_ordering::less
                   : (y < x ? std::weak_ordering::greater : std::weak_ordering::equivalent);
    }
  }
  template <size_t kI, class A, class B>
  static bool Less(const A& a, const B& b) {
    if constexpr (kI < std::tuple_size_v<A> && kI < std::tuple_size_v<B>) {
      const auto order = Compare(std::get<kI>(a), std::get<kI>(b));
      return order == 0 ? Less<kI + 1>(a, b) : order < 0;
    } else {
      return false;
    }
  }
};

template <class RowT, class... Parts>
class Table {
 public:
  using Row = RowT;

  constexpr explicit Table(const char* name, Parts... parts) {
    info_.name = name;
    (Add(parts), ...);
  }

  constexpr const TableInfo& info() const { return info_; }

  // Builds a row from what an engine has.
  static Row Load(const RowView& view) {
    Row row;
    int column = 0;
    (LoadPart<Parts>(view, column, row), ...);
    return row;
  }

  // One column of an engine's row, without building the whole.
  template <auto kMember>
  static auto Column(const RowView& view) {
    typename internal::MemberOf<decltype(kMember)>::Value value{};
    internal::Read(view, IndexOf<kMember>(), value);
    return value;
  }
  template <auto kMember>
  static std::string_view Bytes(const RowView& view) {
    return view.Bytes(IndexOf<kMember>());
  }

  // The number of a member's column.
  template <auto kMember>
  static constexpr int IndexOf() {
    int index = -1;
    int column = 0;
    ((Matches<Parts, kMember>() && index < 0 ? void(index = column) : void(),
      column += kIsColumn<Parts> ? 1 : 0),
     ...);
    return index;
  }
  template <auto... kMembers>
  static constexpr ColumnMask Mask() {
    return ((ColumnMask{1} << IndexOf<kMembers>()) | ...);
  }

  // The key of a row, as references; a key is its own key.
  static auto KeyOf(const Row& row) { return std::tuple_cat(KeyPart<Parts>(row)...); }
  template <class... K>
  static const std::tuple<K...>& KeyOf(const std::tuple<K...>& key) {
    return key;
  }

 private:
  template <class P>
  struct MemberOfPart {};
  template <auto kM>
  struct MemberOfPart<Field<kM>> {
    static constexpr auto kMember = kM;
  };
  template <auto kM>
  struct MemberOfPart<Key<kM>> {
    static constexpr auto kMember = kM;
  };
  template <class P>
  static constexpr bool kIsColumn = requires {
    MemberOfPart<P>::kMember;
  };

  template <class P, auto kMember>
  static constexpr bool Matches() {
    if constexpr (kIsColumn<P>) {
      if constexpr (std::is_same_v<std::remove_cv_t<decltype(MemberOfPart<P>::kMember)>,
                                   std::remove_cv_t<decltype(kMember)>>) {
        return MemberOfPart<P>::kMember == kMember;
      }
    }
    return false;
  }
  template <class P>
  static auto KeyPart(const Row& row) {
    if constexpr (kIsColumn<P>) {
      if constexpr (P::kIsKey)
        return std::tie(row.*MemberOfPart<P>::kMember);
      else
        return std::tuple<>();
    } else {
      return std::tuple<>();
    }
  }
  template <class P>
  static void LoadPart(const RowView& view, int& column, Row& row) {
    if constexpr (kIsColumn<P>) internal::Read(view, column++, row.*MemberOfPart<P>::kMember);
  }

  template <auto kMember>
  constexpr void Add(const Field<kMember>& field) {
    info_.columns[static_cast<size_t>(info_.column_count++)] = {field.name, field.type,
                                                                &internal::Get<kMember>, -1};
  }
  template <auto kMember>
  constexpr void Add(const Key<kMember>& key) {
    Add(static_cast<const Field<kMember>&>(key));
    ++info_.key_size;
  }
  template <auto... kMembers>
  constexpr void Add(const Index<kMembers...>& index) {
    AddIndex<kMembers...>(index, false);
  }
  template <auto kMember>
  constexpr void Add(const Unique<kMember>& index) {
    AddIndex<kMember>(index, true);
    info_.indexes[static_cast<size_t>(info_.index_count - 1)].rises = index.rises;
  }
  constexpr void Add(const KeysRise&) { info_.keys_rise = true; }
  template <auto kMember, auto kBound>
  constexpr void Add(const AtMost<kMember, kBound>&) {
    static_assert(IndexOf<kBound>() >= 0 && IndexOf<kBound>() < IndexOf<kMember>());
    info_.columns[static_cast<size_t>(IndexOf<kMember>())].bound = IndexOf<kBound>();
  }

  template <auto... kMembers, class I>
  constexpr void AddIndex(const I& index, bool unique) {
    static_assert(sizeof...(kMembers) <= IndexInfo::kColumnsMax);
    info_.indexes[static_cast<size_t>(info_.index_count++)] = {
        index.name,  unique,        {IndexOf<kMembers>()...}, static_cast<int>(sizeof...(kMembers)),
        index.where, index.includes};
  }

  TableInfo info_;
};

template <class Row, class... Parts>
constexpr Table<Row, Parts...> MakeTable(const char* name, Parts... parts) {
  return Table<Row, Parts...>(name, parts...);
}

}  // namespace seatsaga::store
