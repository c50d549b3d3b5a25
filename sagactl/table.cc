#include "sagactl/table.h"

#include <algorithm>

#include "common/printable.h"
#include "common/text.h"
#include "sagactl/format.h"

namespace seatsaga::cli {
namespace {

constexpr std::string_view kGap = "  ";

void AppendLine(std::string& out, const std::vector<Cell>& cells,
                const std::vector<Column>& columns, const std::vector<size_t>& widths,
                const Style& style) {
  std::string blanks;  // owed before the next text, so that no line ends in them
  for (size_t i = 0; i < columns.size(); ++i) {
    const std::string padding(widths[i] - DisplayWidth(cells[i].text), ' ');
    if (columns[i].align == Align::kRight) blanks += padding;
    if (!cells[i].text.empty()) {
      Append(out, blanks, style.Paint(cells[i].text, cells[i].ink));
      blanks.clear();
    }
    if (columns[i].align == Align::kLeft) blanks += padding;
    blanks += kGap;
  }
  out += '\n';
}

}  // namespace

void Table::AddRow(std::vector<Cell> cells) {
  cells.resize(columns_.size());
  for (Cell& cell : cells) cell.text = Printable(cell.text);
  rows_.push_back(std::move(cells));
}

std::string Table::Render(const Style& style) const {
  std::vector<Cell> titles;
  std::vector<size_t> widths;
  for (const Column& column : columns_) {
    titles.push_back({column.title, Ink::kDim});
    widths.push_back(DisplayWidth(column.title));
  }
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], DisplayWidth(row[i].text));
    }
  }
  std::string out;
  AppendLine(out, titles, columns_, widths, style);
  for (const auto& row : rows_) AppendLine(out, row, columns_, widths, style);
  return out;
}

}  // namespace seatsaga::cli
