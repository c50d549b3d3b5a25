#!/usr/bin/env python3
"""The rule on unordered containers itself: every kind of loop that it must find, and what it must not."""

import contextlib
import io
import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
import unordered_rules

MEMBERS = """
class Book {
  absl::flat_hash_map<Id, Row> rows_;  // by id
  absl::flat_hash_set<Id> ids_;
  std::unordered_map<Id, Row, absl::Hash<Id>> hashed_;
  const absl::flat_hash_map<Id, Row>& rows() const { return rows_; }
  std::vector<Id> order_;
  std::map<Id, Row> sorted_;
};
using SeatSet = absl::flat_hash_set<SeatKey>;
"""


def found(text, header=""):
    return [name for _, name in unordered_rules.breaches_of(text, header)]


class UnorderedRules(unittest.TestCase):
    def test_found(self):
        for loop, name in [
                ("for (const auto& [id, row] : rows_) Write(row);", "rows_"),
                ("for (const Id& id : ids_) Write(id);", "ids_"),
                ("for (auto& [id, row] : hashed_) Write(row);", "hashed_"),
                ("for (const auto& [id, row] : book.rows()) Write(row);", "rows"),
                ("for (const auto& [id, row] : book->rows_) Write(row);", "rows_"),
                ("for (const auto& [id, row] :\n     this->rows_) Write(row);", "rows_"),
                ("for (int i = 0; const auto& id : ids_) Write(i++, id);", "ids_"),
                ("for (auto it = rows_.begin(); it != rows_.end(); ++it) Write(*it);", "rows_"),
                ("std::vector<Id> all(ids_.begin(), ids_.end());", "ids_"),
                ("Append(rows().cbegin(), n);", "rows"),
                ("const auto copy = rows_; for (const auto& row : copy) Write(row);", "copy"),
                ("const auto& view = book.rows();\nfor (const auto& row : view) Write(row);", "view"),
        ]:
            self.assertEqual(found(loop, MEMBERS), [name], loop)

    def test_found_where_it_is_declared_beside_the_loop(self):
        for declaration in [
                "absl::flat_hash_map<int, std::vector<int>> counts;",
                "absl::node_hash_set<int> counts{1, 2};",
                "std::unordered_multimap<int, int> counts = Count();",
                "const absl::flat_hash_set<int>& counts = Count();",
                "void Print(const std::unordered_set<int>& counts) {",
                "SeatSet counts;",
                "const SeatSet& counts = taken;",
        ]:
            loop = declaration + "\nfor (const auto& one : counts) Write(one);"
            self.assertEqual(found(loop, MEMBERS), ["counts"], declaration)

    def test_let_pass(self):
        for text in [
                "for (const Id& id : order_) Write(id);",
                "for (const auto& [id, row] : sorted_) Write(row);",
                "for (size_t i = 0; i < rows_.size(); ++i) Count(i);",
                "for (const auto& row : Sorted(rows_)) Write(row);",
                "if (rows_.contains(id)) return rows_.find(id)->second;",
                "absl::flat_hash_set<Id> known(known_ids.begin(), known_ids.end());",
                "const absl::flat_hash_set<Id> started(result.started.begin(), result.started.end());",
                "// for (const Id& id : ids_) Write(id);",
                "/* for (const Id& id : ids_) */",
                'Print("for (const Id& id : ids_)");',
                "for (const Id& id : ids_) sum += id.n;  // any order: a sum",
                "// any order: a sum\nfor (const Id& id : ids_) sum += id.n;",
        ]:
            self.assertEqual(found(text, MEMBERS), [], text)

    def test_an_allowance_gives_a_reason_and_counts_for_one_loop(self):
        for text in [
                "for (const Id& id : ids_) Write(id);  // any order",
                "// any order:\nfor (const Id& id : ids_) Write(id);",
                "// any order: a sum\n\nfor (const Id& id : ids_) Write(id);",
                "for (const Id& id : ids_) Write(id);\n// any order: too late",
                "sum += n;  // any order: a sum\nfor (const Id& id : ids_) Write(id);",
        ]:
            self.assertEqual(found(text, MEMBERS), ["ids_"], text)

    def test_files_are_read_with_the_headers_that_they_include(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "common").mkdir()
            (root / "common/book.h").write_text(MEMBERS)
            (root / "common/shelf.h").write_text('#include "common/book.h"\n#include "absl/none.h"\n')
            loop = "\nvoid F() {\n  for (auto& [id, row] : rows_) Write(row);\n}\n"
            (root / "common/far.cc").write_text('#include "common/shelf.h"\n' + loop)
            (root / "common/other.cc").write_text(loop)
            breaches, count = unordered_rules.check(root)
        self.assertEqual(count, 4)
        self.assertEqual([line.split(":")[:2] for line in breaches], [["common/far.cc", "4"]])

    def test_an_exception_that_is_no_longer_needed_is_a_breach(self):
        (path, name), *_ = unordered_rules.KNOWN or {("common/none.h", "none_")}
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / path).parent.mkdir(parents=True)
            (root / path).write_text("int n;\n")
            breaches, _ = unordered_rules.check(root)
        self.assertEqual(len(breaches), 1 if unordered_rules.KNOWN else 0)

    def test_nothing_to_read_is_an_error(self):
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
            self.assertEqual(unordered_rules.main([folder]), 1)


if __name__ == "__main__":
    unittest.main()
