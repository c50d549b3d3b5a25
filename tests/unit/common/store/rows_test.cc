#include "common/store/rows.h"

#include <array>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace seatsaga::store {
namespace {

struct Guest {
  int64_t hotel = 0;
  std::string name;
  std::string passport;
  int64_t number = 0;
  int32_t nights = 0;
};
constexpr auto kGuests =
    MakeTable<Guest>("guests", Key<&Guest::hotel>("hotel"), Key<&Guest::name>("name"),
                     Field<&Guest::passport>("passport"), Field<&Guest::number>("number"),
                     Field<&Guest::nights>("nights"), Unique<&Guest::passport>("guests_passport"),
                     Unique<&Guest::number>("guests_number"));

// All of it is key.
struct Mark {
  int64_t number = 0;
};
constexpr auto kMarks = MakeTable<Mark>("marks", Key<&Mark::number>("number"));

// A row as an engine would show it.
class Shown final : public RowView {
 public:
  Shown(const TableInfo& table, const void* row) : table_(table), row_(row) {}
  int64_t Int(int column) const override { return Of(column).number; }
  std::string_view Bytes(int column) const override { return Of(column).bytes; }

 private:
  Value Of(int column) const { return table_.columns[static_cast<size_t>(column)].Of(row_); }
  const TableInfo& table_;
  const void* row_;
};

// A passport is longer than what a string holds without a heap.
Guest MakeGuest(int64_t hotel, std::string name, int nights = 0) {
  const std::string passport = "the passport of the guest " + name;
  const auto number = static_cast<int64_t>(1000 + name.front());
  return {hotel, std::move(name), passport, number, nights};
}

// Answers what is wanted with `found`, whatever it is.
template <class TableT>
void Find(Rows& rows, const TableT& table, const std::vector<typename TableT::Row>& found) {
  for (const auto& part : rows.tables()) {
    if (&part->table != &table.info()) continue;
    part->wanted.clear();
    for (const auto& row : found) part->Found(Shown(table.info(), &row));
  }
  rows.NothingWanted();
}
Rows FindGuests(const std::vector<Guest>& found) {
  Rows rows;
  rows.Want(kGuests, int64_t{1});
  Find(rows, kGuests, found);
  return rows;
}

// "-a ~b3:110 +c": erased, updated (nights:columns), inserted.
std::string Writes(const Rows& rows) {
  std::string all;
  const auto name = [](const RowWrite& write) {
    return static_cast<const Guest*>(write.row)->name;
  };
  for (const auto& part : rows.tables()) {
    if (&part->table != &kGuests.info()) continue;
    const TableRows::Writes writes = part->TakeWrites();
    for (const RowWrite& write : writes.erased) all += "-" + name(write) + " ";
    for (const RowWrite& write : writes.updated) {
      all += "~" + name(write) + std::to_string(static_cast<const Guest*>(write.row)->nights) +
             ":" + std::to_string(write.columns) + " ";
    }
    for (const RowWrite& write : writes.inserted) all += "+" + name(write) + " ";
  }
  return all;
}
const std::string kAll = std::to_string(kGuests.info().AllFields());

TEST_CASE("rows: what is wanted is said by key, by part of a key and by unique value") {
  Rows rows;
  REQUIRE_FALSE(rows.HasWanted());
  const std::string name = "a";
  rows.Want(kGuests, int64_t{1}, name);
  rows.Want(kGuests, int64_t{2});
  rows.WantBy<&Guest::passport>(kGuests, std::string_view("p"));
  rows.WantBy<&Guest::number>(kGuests, int64_t{7});
  rows.Want(kMarks, int64_t{5});
  REQUIRE(rows.HasWanted());
  REQUIRE(rows.tables().size() == 2);
  const std::vector<Wanted>& wanted = rows.tables()[0]->wanted;
  REQUIRE(wanted.size() == 4);
  REQUIRE(wanted[0].index == Wanted::kByKey);
  REQUIRE(wanted[0].values.size() == 2);
  REQUIRE(wanted[0].values[1] == Value{Type::kText, 0, "a"});
  REQUIRE(wanted[1].values.size() == 1);
  REQUIRE(wanted[2].index == 0);
  REQUIRE(wanted[2].values[0] == Value{Type::kText, 0, "p"});
  REQUIRE(wanted[3].index == 1);
  REQUIRE(wanted[3].values[0] == Value{Type::kInt, 7, {}});
  rows.Clear();
  REQUIRE_FALSE(rows.HasWanted());
  REQUIRE(rows.tables().empty());
}

TEST_CASE("rows: what was found is found, and nothing is written") {
  const Rows rows = FindGuests({MakeGuest(1, "b", 3), MakeGuest(1, "a")});
  REQUIRE(rows.Find(kGuests, int64_t{1}, "b")->nights == 3);
  REQUIRE(rows.Find(kGuests, int64_t{1}, std::string("c")) == nullptr);
  REQUIRE(rows.Find(kGuests, int64_t{2}, std::string_view("b")) == nullptr);
  REQUIRE(rows.FindBy<&Guest::passport>(kGuests, "the passport of the guest a")->name == "a");
  REQUIRE(rows.FindBy<&Guest::passport>(kGuests, std::string_view("b")) == nullptr);
  REQUIRE(rows.FindBy<&Guest::number>(kGuests, int64_t{1000 + 'b'})->name == "b");
  REQUIRE(rows.FindBy<&Guest::number>(kGuests, int64_t{0}) == nullptr);
  REQUIRE(rows.Find(kMarks, int64_t{1}) == nullptr);
  REQUIRE(Writes(rows).empty());
}

TEST_CASE("rows: a row that is found again does not undo what was made of it") {
  Rows rows = FindGuests({MakeGuest(1, "a", 1), MakeGuest(1, "b")});
  rows.Update(kGuests, *rows.Find(kGuests, int64_t{1}, "a")).nights = 2;
  rows.Erase(kGuests, *rows.Find(kGuests, int64_t{1}, "b"));
  Find(rows, kGuests, {MakeGuest(1, "a", 1), MakeGuest(1, "b")});
  REQUIRE(rows.Find(kGuests, int64_t{1}, "a")->nights == 2);
  REQUIRE(rows.Find(kGuests, int64_t{1}, "b") == nullptr);
}

TEST_CASE("rows: the rows of a part of a key come in order, without those that are erased") {
  Rows rows = FindGuests({MakeGuest(2, "x"), MakeGuest(1, "c"), MakeGuest(1, "a"),
                          MakeGuest(0, "z"), MakeGuest(1, "b")});
  rows.Insert(kGuests, MakeGuest(1, "aa"));
  rows.Erase(kGuests, *rows.Find(kGuests, int64_t{1}, "b"));
  std::string names;
  rows.ForEach(
      kGuests, [&](const Guest& guest) { names += guest.name + " "; }, int64_t{1});
  REQUIRE(names == "a aa c ");
  names.clear();
  rows.ForEach(
      kGuests, [&](const Guest& guest) { names += guest.name; }, int64_t{1}, "c");
  REQUIRE(names == "c");
  rows.ForEach(
      kGuests, [&](const Guest&) { FAIL(); }, int64_t{5});
}

TEST_CASE("rows: the net of all changes is written, each list in the order of the keys") {
  Rows rows = FindGuests({MakeGuest(1, "a"), MakeGuest(1, "b"), MakeGuest(1, "c")});
  rows.Insert(kGuests, MakeGuest(1, "y"));
  rows.Insert(kGuests, MakeGuest(1, "x"));
  rows.Erase(kGuests, *rows.Find(kGuests, int64_t{1}, "c"));
  rows.Erase(kGuests, *rows.Find(kGuests, int64_t{1}, "a"));
  rows.Update(kGuests, *rows.Find(kGuests, int64_t{1}, "b"), kGuests.Mask<&Guest::nights>())
      .nights = 9;
  REQUIRE(Writes(rows) == "-a -c ~b9:16 +x +y ");
}

TEST_CASE("rows: updates of one row add up, and one of an inserted row is part of the insertion") {
  Rows rows = FindGuests({MakeGuest(1, "a")});
  const Guest& guest =
      rows.Update(kGuests, *rows.Find(kGuests, int64_t{1}, "a"), kGuests.Mask<&Guest::nights>());
  rows.Update(kGuests, guest, kGuests.Mask<&Guest::number>());
  rows.Update(kGuests, rows.Insert(kGuests, MakeGuest(1, "b"))).nights = 4;
  REQUIRE(Writes(rows) == "~a0:24 +b ");
  REQUIRE(rows.Find(kGuests, int64_t{1}, "b")->nights == 4);
}

TEST_CASE("rows: what is erased and inserted again is an update of every column") {
  Rows rows = FindGuests({MakeGuest(1, "a", 1)});
  const Guest* const found = rows.Find(kGuests, int64_t{1}, "a");
  rows.Erase(kGuests, *found);
  REQUIRE(rows.Find(kGuests, int64_t{1}, "a") == nullptr);
  rows.Insert(kGuests, MakeGuest(1, "a", 7));
  REQUIRE(rows.Find(kGuests, int64_t{1}, "a") == found);
  REQUIRE(Writes(rows) == "~a7:" + kAll + " ");
  rows.Erase(kGuests, *found);
  REQUIRE(Writes(rows) == "-a ");
}

TEST_CASE("rows: what is inserted and erased again is not written") {
  Rows rows = FindGuests({});
  rows.Erase(kGuests, rows.Insert(kGuests, MakeGuest(1, "a")));
  REQUIRE(Writes(rows).empty());
  rows.Insert(kGuests, MakeGuest(1, "a"));
  REQUIRE(Writes(rows) == "+a ");
}

TEST_CASE("rows: a row that is all key, erased and inserted again, is not written") {
  Rows rows;
  rows.Want(kMarks, int64_t{1});
  Find(rows, kMarks, {{1}});
  rows.Erase(kMarks, *rows.Find(kMarks, int64_t{1}));
  rows.Insert(kMarks, {1});
  REQUIRE(rows.tables()[0]->TakeWrites().empty());
}

TEST_CASE("rows: a unique value is its present row's") {
  Rows rows = FindGuests({MakeGuest(1, "a"), MakeGuest(1, "b")});
  const std::string passport = MakeGuest(1, "a").passport;
  const auto holder = [&] {
    const Guest* guest = rows.FindBy<&Guest::passport>(kGuests, std::string_view(passport));
    return guest == nullptr ? "" : guest->name;
  };
  const auto insert_heir = [&] {
    Guest heir = MakeGuest(1, "heir");
    heir.passport = passport;
    return &rows.Insert(kGuests, heir);
  };
  const Guest* const a = rows.Find(kGuests, int64_t{1}, "a");
  REQUIRE(holder() == "a");
  SECTION("gone with the row") {
    rows.Erase(kGuests, *a);
    REQUIRE(holder().empty());
  }
  SECTION("handed on") {
    rows.Erase(kGuests, *a);
    const Guest* const heir = insert_heir();
    REQUIRE(holder() == "heir");
    rows.Erase(kGuests, *heir);
    REQUIRE(holder().empty());
  }
  SECTION("handed on before the old row goes") {
    insert_heir();
    rows.Erase(kGuests, *a);
    REQUIRE(holder() == "heir");
  }
  SECTION("changed by replacing the row") {
    rows.Erase(kGuests, *a);
    Guest renewed = MakeGuest(1, "a");
    renewed.passport = "another passport, also a long one";
    rows.Insert(kGuests, renewed);
    REQUIRE(holder().empty());
    REQUIRE(rows.FindBy<&Guest::passport>(kGuests, std::string_view(renewed.passport)) == a);
    insert_heir();
    REQUIRE(holder() == "heir");
  }
}

TEST_CASE("rows: borrowed rows are written where they are, and not found") {
  Rows rows = FindGuests({MakeGuest(1, "a")});
  const Guest inserted = MakeGuest(1, "x");
  const Guest updated = MakeGuest(1, "y", 2);
  const Guest in_part = MakeGuest(1, "z", 3);
  rows.InsertBorrowed(kGuests, inserted);
  rows.UpdateBorrowed(kGuests, updated);
  rows.UpdateBorrowed(kGuests, in_part, kGuests.Mask<&Guest::nights>());
  rows.Insert(kGuests, MakeGuest(1, "b"));
  REQUIRE(Writes(rows) == "~y2:" + kAll + " ~z3:16 +b +x ");
  REQUIRE(rows.tables()[0]->TakeWrites().inserted[1].row == &inserted);
  REQUIRE(rows.Find(kGuests, int64_t{1}, "x") == nullptr);
}

}  // namespace
}  // namespace seatsaga::store
