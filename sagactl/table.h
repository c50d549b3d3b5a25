#pragma once

#include <string>
#include <vector>

#include "sagactl/style.h"

namespace seatsaga::cli {

struct Cell {
  std::string text;
  Ink ink = Ink::kPlain;
};

enum class Align { kLeft, kRight };

struct Column {
  std::string title;
  Align align = Align::kLeft;
};

// Rows under a line of titles, every column as wide as its widest cell: nothing is cut, so ids stay
// whole and lines stay greppable. A value type, not thread-safe.
class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // Missing cells are empty, cells beyond the columns are dropped. Makes the texts printable.
  void AddRow(std::vector<Cell> cells);
  bool empty() const { return rows_.empty(); }
  // Lines that end in '\n', without blanks at their ends.
  std::string Render(const Style& style) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace seatsaga::cli
