// Page tokens: where a list goes on, opaque to clients. A token belongs to its list and its filter:
// given with another one it is PAGE_TOKEN_INVALID, not a wrong page.
//
//   const std::optional<int64_t> after = runtime::PageAfter(request);
//   if (!after) return runtime::PageTokenInvalid();
//   ...
//   response->set_next_page_token(runtime::NextPageToken(request, page.last));
#ifndef QUARTERMASTER_SERVICES_RUNTIME_PAGE_TOKEN_H_
#define QUARTERMASTER_SERVICES_RUNTIME_PAGE_TOKEN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/message.h"
#include "services/runtime/rpc_error.h"
#include "services/runtime/validation.h"

namespace quartermaster::runtime {

// What a list's request asks for, whichever page of it.
template <typename Request>
Request FilterOf(Request request) {
  request.clear_page_size();
  request.clear_page_token();
  return request;
}

inline std::string PageTokenMark(const google::protobuf::Message& filter) {
  return absl::StrFormat("%016x", FingerprintOf(filter).low);
}

// `last` is where the page ends, from 1.
inline std::string MakePageToken(const google::protobuf::Message& filter, int64_t last) {
  return absl::StrFormat("%s-%d", PageTokenMark(filter), last);
}

// Empty if it is not a token of this filter.
inline std::optional<int64_t> ReadPageToken(const google::protobuf::Message& filter,
                                            const std::string& token) {
  const std::pair<std::string, std::string> parts = absl::StrSplit(token, absl::MaxSplits('-', 1));
  int64_t last = 0;
  if (parts.first != PageTokenMark(filter) || !absl::SimpleAtoi(parts.second, &last) || last < 1) {
    return std::nullopt;
  }
  return last;
}

// Which the page that is asked for comes after; 0: it is the first. Empty if its token is not one
// of this list and filter.
template <typename Request>
std::optional<int64_t> PageAfter(const Request& request) {
  if (request.page_token().empty()) return 0;
  return ReadPageToken(FilterOf(request), request.page_token());
}

// The token of the page after the one that ends at `last`, from 1.
template <typename Request>
std::string NextPageToken(const Request& request, int64_t last) {
  return MakePageToken(FilterOf(request), last);
}

inline RpcError PageTokenInvalid() {
  return {common::v1::PAGE_TOKEN_INVALID, "the page token is not one of this list and filter"};
}

}  // namespace quartermaster::runtime

#endif  // QUARTERMASTER_SERVICES_RUNTIME_PAGE_TOKEN_H_
