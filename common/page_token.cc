#include "common/page_token.h"

#include "absl/strings/escaping.h"
#include "common/fingerprint.h"
#include "common/text.h"

namespace seatsaga {
namespace {

constexpr size_t kCheckSize = 8;

// Over the cursor too: a token that was cut or edited is refused rather than misread.
std::string Check(std::string_view scope, std::string_view cursor) {
  return Fingerprint().Add(scope).Add(cursor).Digest().substr(0, kCheckSize);
}

}  // namespace

std::string MakePageToken(std::string_view scope, std::string_view cursor) {
  return absl::WebSafeBase64Escape(Cat(Check(scope, cursor), cursor));
}

std::optional<std::string> OpenPageToken(std::string_view scope, std::string_view token) {
  std::string raw;
  if (!absl::WebSafeBase64Unescape(AbslView(token), &raw) || raw.size() < kCheckSize) {
    return std::nullopt;
  }
  std::string cursor = raw.substr(kCheckSize);
  if (Check(scope, cursor) != std::string_view(raw).substr(0, kCheckSize)) return std::nullopt;
  return cursor;
}

std::string ReadPageToken(std::string_view scope, std::string_view token, FieldErrors& errors) {
  if (token.empty()) return "";
  if (auto cursor = OpenPageToken(scope, token)) return *std::move(cursor);
  errors.Add("page_token",
             "is not from this list with these filters; start again with an empty page_token");
  return "";
}

}  // namespace seatsaga
