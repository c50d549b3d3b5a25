#include "tests/unit/common/store/lane_conformance.h"

// Several lanes on one store of the model: which commits conflict, and which do not.
namespace seatsaga::store::testing {
namespace {

const Id kOne = MakeId(1);
const Id kTwo = MakeId(2);
const Id kThree = MakeId(3);

// Two writers of one store.
struct Pair {
  Pair() {
    for (auto* store : {&first, &second}) {
      auto opened = stores.OpenShared(kSchema);
      REQUIRE(opened.ok());
      *store = *std::move(opened);
    }
  }
  Lane& mine() { return first->lane(); }
  Lane& other() { return second->lane(); }

  // What the other lane does meanwhile, in a batch of its own.
  void OtherInserts(Person person) { InsertAll(other(), kPeople, {std::move(person)}); }
  void OtherErases(const Id& id) {
    Rows batch;
    batch.Want(kPeople, id);
    Read(other(), batch);
    batch.Erase(kPeople, *batch.Find(kPeople, id));
    CommitDurably(other(), batch);
  }
  template <class F>
  void OtherUpdates(const Id& id, F change) {
    Rows batch;
    batch.Want(kPeople, id);
    Read(other(), batch);
    change(batch.Update(kPeople, *batch.Find(kPeople, id)));
    CommitDurably(other(), batch);
  }
  void OtherAges(const Id& id) {
    OtherUpdates(id, [](Person& person) { ++person.age; });
  }

  // My batch wants these rows; what it has found, in `rows`.
  void Want(const Id& id) {
    rows.Want(kPeople, id);
    Read(mine(), rows);
  }
  Committed Commit() { return HowCommitted(mine(), rows); }

  ModelStores stores;
  std::unique_ptr<Store> first;
  std::unique_ptr<Store> second;
  Rows rows;
};

TEST_CASE("model: lanes of one store say that it is shared, and each opening counts") {
  Pair pair;
  REQUIRE(pair.mine().shared());
  REQUIRE(pair.first->identity().store_id == pair.second->identity().store_id);
  REQUIRE(pair.first->identity().counter < pair.second->identity().counter);
  REQUIRE_FALSE(pair.stores.Open(kSchema).ok());
  pair.first = nullptr;
  pair.second = nullptr;
  const auto sole = pair.stores.Open(kSchema);
  REQUIRE(sole.ok());
  REQUIRE_FALSE((*sole)->lane().shared());
  REQUIRE_FALSE(pair.stores.OpenShared(kSchema).ok());
}

TEST_CASE("model: a row that another lane changed since it was read is a conflict") {
  Pair pair;
  InsertAll(pair.mine(), kPeople, {MakePerson(1), MakePerson(2)});
  pair.Want(kOne);
  SECTION("if it is updated") { pair.OtherAges(kOne); }
  SECTION("if it is erased") { pair.OtherErases(kOne); }
  SECTION("if it is replaced") {
    pair.OtherErases(kOne);
    pair.OtherInserts(MakePerson(1));
  }
  SECTION("also if only other rows are written") {
    pair.OtherAges(kOne);
    pair.rows.Insert(kPeople, MakePerson(9));
  }
  REQUIRE(pair.Commit() == Committed::kConflict);
  REQUIRE(Scanned(pair.mine(), kPeople).size() <= 2);
  // Decided again, on what is there now.
  pair.Want(kOne);
  pair.rows.Insert(kPeople, MakePerson(7));
  REQUIRE(pair.Commit() == Committed::kDurable);
}

TEST_CASE("model: an absence that another lane has ended is a conflict") {
  Pair pair;
  pair.Want(kOne);
  pair.OtherInserts(MakePerson(1));
  SECTION("if the row is still there") {}
  SECTION("if it has gone again") { pair.OtherErases(kOne); }
  REQUIRE(pair.Commit() == Committed::kConflict);
}

TEST_CASE("model: other rows, and earlier commits, are no conflict") {
  Pair pair;
  InsertAll(pair.mine(), kPeople, {MakePerson(1, "a"), MakePerson(2, "b")});
  pair.OtherAges(kOne);
  pair.Want(kOne);
  pair.rows.template WantBy<&Person::email>(kPeople, std::string_view("p1"));
  pair.rows.Want(kSeats, int64_t{1});
  Read(pair.mine(), pair.rows);
  pair.OtherAges(kTwo);
  pair.OtherInserts(MakePerson(3));
  pair.OtherErases(kTwo);
  InsertAll(pair.other(), kSeats, {{2, 1, 1, ""}, {-1, 1, 1, ""}});
  pair.rows.Update(kPeople, *pair.rows.Find(kPeople, kOne)).age = 5;
  REQUIRE(pair.Commit() == Committed::kDurable);
  // Nor is what this lane did itself.
  pair.Want(kOne);
  pair.rows.Update(kPeople, *pair.rows.Find(kPeople, kOne)).age = 6;
  REQUIRE(pair.Commit() == Committed::kDurable);
}

TEST_CASE("model: a row that came into a range, left it or changed in it is a conflict") {
  Pair pair;
  InsertAll(pair.mine(), kSeats, {{1, 1, 1, "a"}, {1, 1, 2, "b"}, {1, 2, 1, "c"}});
  pair.rows.Want(kSeats, int64_t{1}, 1);
  Read(pair.mine(), pair.rows);
  Rows batch;
  Committed expected = Committed::kConflict;
  batch.Want(kSeats, int64_t{1});
  Read(pair.other(), batch);
  SECTION("came") { batch.Insert(kSeats, {1, 1, 3, "d"}); }
  SECTION("left") { batch.Erase(kSeats, *batch.Find(kSeats, int64_t{1}, 1, 2)); }
  SECTION("changed") { batch.Update(kSeats, *batch.Find(kSeats, int64_t{1}, 1, 2)).holder = "z"; }
  SECTION("is in another range") {
    batch.Update(kSeats, *batch.Find(kSeats, int64_t{1}, 2, 1)).holder = "z";
    batch.Insert(kSeats, {1, 0, 1, ""});
    expected = Committed::kDurable;
  }
  CommitDurably(pair.other(), batch);
  REQUIRE(pair.Commit() == expected);
}

TEST_CASE("model: a unique value that moved since it was read is a conflict") {
  Pair pair;
  InsertAll(pair.mine(), kPeople, {MakePerson(1), MakePerson(2)});
  Committed expected = Committed::kConflict;
  pair.rows.template WantBy<&Person::email>(kPeople, std::string_view("p1"));
  pair.rows.template WantBy<&Person::email>(kPeople, std::string_view("p3"));
  Read(pair.mine(), pair.rows);
  SECTION("to a row") { pair.OtherInserts(MakePerson(3)); }
  SECTION("from its row") {
    pair.OtherUpdates(kOne, [](Person& person) { person.email = "elsewhere"; });
  }
  SECTION("from one row to another") {
    pair.OtherErases(kOne);
    Person heir = MakePerson(9);
    heir.email = "p1";
    pair.OtherInserts(heir);
  }
  SECTION("to a row and away") {
    pair.OtherUpdates(kTwo, [](Person& person) { person.email = "p3"; });
    pair.OtherUpdates(kTwo, [](Person& person) { person.email = "p2"; });
  }
  SECTION("not, if a row that never had it changed") {
    pair.OtherUpdates(kTwo, [](Person& person) { person.email = "p4"; });
    expected = Committed::kDurable;
  }
  SECTION("not, if it had moved before") {
    pair.mine().Abandon();
    pair.rows.Clear();
    // Somebody still sees the past, so that the model remembers it.
    REQUIRE(pair.second
                ->Query([&](Snapshot& snapshot) {
                  REQUIRE(snapshot.status().ok());
                  pair.OtherUpdates(kTwo, [](Person& person) { person.email = "p3"; });
                  pair.OtherUpdates(kTwo, [](Person& person) { person.email = "p5"; });
                  pair.rows.template WantBy<&Person::email>(kPeople, std::string_view("p3"));
                  Read(pair.mine(), pair.rows);
                  pair.OtherUpdates(kTwo, [](Person& person) { person.email = "p6"; });
                })
                .ok());
    expected = Committed::kDurable;
  }
  REQUIRE(pair.Commit() == expected);
}

TEST_CASE("model: what is written without having been read must be as it was, too") {
  Pair pair;
  InsertAll(pair.mine(), kPeople, {MakePerson(1), MakePerson(2)});
  pair.Want(kTwo);  // the batch's state is from here on
  SECTION("an inserted key that came meanwhile") {
    pair.OtherInserts(MakePerson(3));
    Person same = MakePerson(3);
    same.email = "x";
    same.badge = MakeId(0, 99);
    pair.rows.Insert(kPeople, same);
  }
  SECTION("an inserted unique value that came meanwhile") {
    pair.OtherInserts(MakePerson(3));
    Person twin = MakePerson(4);
    twin.email = "p3";
    pair.rows.Insert(kPeople, twin);
  }
  SECTION("an inserted unique value that was free only meanwhile") {
    pair.OtherErases(kOne);
    Person heir = MakePerson(4);
    heir.email = "p1";
    pair.rows.Insert(kPeople, heir);
  }
  SECTION("a borrowed row") {
    pair.OtherAges(kOne);
    const Person borrowed = MakePerson(1);
    pair.rows.UpdateBorrowed(kPeople, borrowed);
    REQUIRE(pair.Commit() == Committed::kConflict);
    return;
  }
  REQUIRE(pair.Commit() == Committed::kConflict);
}

TEST_CASE("model: a row is written only as it was, also in a table without unique values") {
  Pair pair;
  InsertAll(pair.mine(), kSeats, {{1, 1, 1, "a"}});
  pair.Want(kTwo);  // the batch's state is from here on
  const Seat seat{1, 1, 1, "b"};
  Rows batch;
  batch.Want(kSeats, int64_t{1});
  Read(pair.other(), batch);
  SECTION("a borrowed row that changed") {
    batch.Update(kSeats, *batch.Find(kSeats, int64_t{1}, 1, 1)).holder = "c";
    CommitDurably(pair.other(), batch);
    pair.rows.UpdateBorrowed(kSeats, seat);
  }
  SECTION("an inserted key that came and went") {
    batch.Insert(kSeats, {1, 1, 2, "c"});
    CommitDurably(pair.other(), batch);
    batch.Want(kSeats, int64_t{1});
    Read(pair.other(), batch);
    batch.Erase(kSeats, *batch.Find(kSeats, int64_t{1}, 1, 2));
    CommitDurably(pair.other(), batch);
    pair.rows.Insert(kSeats, {1, 1, 2, "b"});
  }
  REQUIRE(pair.Commit() == Committed::kConflict);
}

TEST_CASE("model: a key or a unique value that is there already is a conflict") {
  Pair pair;
  InsertAll(pair.mine(), kPeople, {MakePerson(1)});
  Person twin = MakePerson(1);
  SECTION("the key") { twin.email = "x"; }
  SECTION("the text") { twin.id = kThree; }
  SECTION("both") {}
  pair.rows.Insert(kPeople, twin);
  REQUIRE(pair.Commit() == Committed::kConflict);
  SECTION("also within a batch") {
    const Person a = MakePerson(5);
    Person b = MakePerson(6);
    b.badge = a.badge;
    pair.rows.InsertBorrowed(kPeople, a);
    pair.rows.InsertBorrowed(kPeople, b);
    REQUIRE(pair.Commit() == Committed::kConflict);
  }
  REQUIRE(ScannedPeople(pair.other()) == std::vector<int>{1});
}

TEST_CASE("model: a row to be written that is not there is an error, and no conflict") {
  Pair pair;
  const Person absent = MakePerson(1);
  pair.rows.UpdateBorrowed(kPeople, absent);
  REQUIRE(pair.Commit() == Committed::kNothing);
}

// An action and its compensation arrive at two replicas at once. Each finds no trace of the other,
// so the action would be done and the compensation would answer that there is nothing to undo.
TEST_CASE("model: of an action and its null compensation on two replicas one decides again") {
  Pair pair;
  Rows action;
  Rows compensation;
  for (const auto& [rows, lane] :
       {std::pair(&action, &pair.mine()), std::pair(&compensation, &pair.other())}) {
    rows->Want(kSeats, int64_t{7});
    Read(*lane, *rows);
    REQUIRE(rows->Find(kSeats, int64_t{7}, 1, 0) == nullptr);
  }
  action.Insert(kSeats, {7, 1, 0, "reserved"});
  compensation.Insert(kSeats, {7, 1, 1, "nothing to undo"});
  REQUIRE(HowCommitted(pair.other(), compensation) == Committed::kDurable);
  REQUIRE(HowCommitted(pair.mine(), action) == Committed::kConflict);
  action.Want(kSeats, int64_t{7});
  Read(pair.mine(), action);
  REQUIRE(action.Find(kSeats, int64_t{7}, 1, 1)->holder == "nothing to undo");
  CommitDurably(pair.mine(), action);
}

TEST_CASE("model: write skew over rows that exist is ruled out too") {
  Pair pair;
  InsertAll(pair.mine(), kPeople, {MakePerson(1, "", 1), MakePerson(2, "", 1)});
  Rows theirs;
  for (const auto& [rows, lane] :
       {std::pair(&pair.rows, &pair.mine()), std::pair(&theirs, &pair.other())}) {
    rows->Want(kPeople, kOne);
    rows->Want(kPeople, kTwo);
    Read(*lane, *rows);
  }
  pair.rows.Update(kPeople, *pair.rows.Find(kPeople, kOne)).age = 0;
  theirs.Update(kPeople, *theirs.Find(kPeople, kTwo)).age = 0;
  REQUIRE(pair.Commit() == Committed::kDurable);
  REQUIRE(HowCommitted(pair.other(), theirs) == Committed::kConflict);
}

TEST_CASE("model: all reads of a batch are of the state of its first") {
  Pair pair;
  InsertAll(pair.mine(), kPeople, {MakePerson(1), MakePerson(2, "before")});
  pair.Want(kOne);
  pair.OtherUpdates(kTwo, [](Person& person) { person.city = "after"; });
  pair.OtherInserts(MakePerson(3));
  pair.Want(kTwo);
  pair.rows.Want(kPeople, kThree);
  pair.rows.template WantBy<&Person::email>(kPeople, std::string_view("p3"));
  Read(pair.mine(), pair.rows);
  REQUIRE(pair.rows.Find(kPeople, kTwo)->city == "before");
  REQUIRE(pair.rows.Find(kPeople, kThree) == nullptr);
  REQUIRE(pair.Commit() == Committed::kConflict);
  pair.Want(kTwo);
  REQUIRE(pair.rows.Find(kPeople, kTwo)->city == "after");
  pair.mine().Abandon();
}

TEST_CASE("model: a batch that was abandoned has no part in later conflicts") {
  Pair pair;
  InsertAll(pair.mine(), kPeople, {MakePerson(1)});
  pair.Want(kOne);
  pair.mine().Abandon();
  pair.rows.Clear();
  pair.OtherAges(kOne);
  pair.rows.Insert(kPeople, MakePerson(2));
  REQUIRE(pair.Commit() == Committed::kDurable);
}

}  // namespace
}  // namespace seatsaga::store::testing
