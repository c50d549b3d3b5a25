#!/usr/bin/env python3
"""mutate.py itself: how it applies edits, and what it refuses."""

import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
import mutate

ORIGINAL = "int One() { return 1; }\nint Two() { return 2; }\nint Three() { return 1; }\n"


def mutant(name, find, replace=None, **others):
    asks = f'mutants::On("{name}")'
    return {"name": name, "breaks": "", "file": "a.cc", "find": find,
            "replace": asks if replace is None else replace, **others}


def faults(*mutants, original=ORIGINAL):
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "a.cc").write_text(original, encoding="utf-8")
        return mutate.faults({"mutant": list(mutants), "header": {}}, pathlib.Path(folder))


class Mutate(unittest.TestCase):
    def test_edits_apply_whatever_their_order(self):
        edits = [("b", {"file": "a.cc", "find": "return 2;", "replace": "return 3;"}),
                 ("a", {"file": "a.cc", "find": "int One()", "replace": "int First()"})]
        self.assertEqual(mutate.apply(edits, ORIGINAL),
                         ORIGINAL.replace("return 2;", "return 3;").replace("int One()", "int First()"))

    def test_good_mutants_have_no_faults(self):
        self.assertEqual(faults(mutant("a", "int One()"), mutant("b", "return 2;")), [])

    def test_a_text_that_is_missing_is_refused(self):
        [fault] = faults(mutant("a", "return 4;"))
        self.assertIn("a: a.cc no longer holds the text", fault)

    def test_a_text_that_is_there_twice_is_refused(self):
        [fault] = faults(mutant("a", "return 1;"))
        self.assertIn("holds the text that it replaces 2 times", fault)

    def test_overlapping_texts_are_refused(self):
        [fault] = faults(mutant("a", "int Two() { return"), mutant("b", "return 2;"))
        self.assertIn("a and b replace the same text of a.cc", fault)

    def test_a_second_edit_is_checked_too(self):
        more = [{"file": "a.cc", "find": "return 4;", "replace": ""}]
        [fault] = faults(mutant("a", "int One()", more=more))
        self.assertIn("a: a.cc no longer holds the text", fault)

    def test_a_mutant_that_cannot_be_switched_off_is_refused(self):
        [fault] = faults(mutant("a", "return 2;", "return 3;"))
        self.assertIn('does not ask mutants::On("a")', fault)

    def test_a_name_that_is_there_twice_is_refused(self):
        [fault] = faults(mutant("a", "int One()"), mutant("a", "return 2;"))
        self.assertIn("there are two mutants of this name", fault)

    def test_a_header_needs_the_files_that_use_it(self):
        [fault, missing] = faults({**mutant("a", "x"), "file": "a.h"})
        self.assertIn("a.h is a header", fault)
        self.assertIn("there is no file a.h", missing)


if __name__ == "__main__":
    unittest.main()
