#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/errors.h"

// Opaque page tokens (AIP-158): where the next page starts, bound to the method and its filters, so
// that a token from another list is recognized. Pure; thread-safe.
namespace seatsaga {

// `scope` names the method and every filter; `cursor` is the store's own position (any bytes).
std::string MakePageToken(std::string_view scope, std::string_view cursor);

// The cursor; nullopt if the token was not made for this scope.
std::optional<std::string> OpenPageToken(std::string_view scope, std::string_view token);

// The cursor; empty for an empty token. Adds an error for field "page_token" if the token was not
// made for this scope.
std::string ReadPageToken(std::string_view scope, std::string_view token, FieldErrors& errors);

}  // namespace seatsaga
