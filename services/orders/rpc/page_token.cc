#include "services/orders/rpc/page_token.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "services/orders/rpc/checks.h"
#include "services/runtime/validation.h"

namespace quartermaster::orders {
namespace {

std::string Mark(const google::protobuf::Message& filter) {
  return absl::StrFormat("%016x", runtime::FingerprintOf(filter).low);
}

}  // namespace

std::string MakePageToken(const google::protobuf::Message& filter, Position last) {
  return absl::StrFormat("%s-%d", Mark(filter), last);
}

std::optional<Position> ReadPageToken(const google::protobuf::Message& filter,
                                      const std::string& token) {
  const std::pair<std::string, std::string> parts = absl::StrSplit(token, absl::MaxSplits('-', 1));
  Position last = 0;
  if (parts.first != Mark(filter) || !absl::SimpleAtoi(parts.second, &last) || last < 1) {
    return std::nullopt;
  }
  return last;
}

runtime::RpcError PageTokenInvalid() {
  return {common::v1::PAGE_TOKEN_INVALID, "the page token is not one of this list and filter"};
}

size_t PageSize(int32_t page_size) {
  return static_cast<size_t>(page_size == 0 ? kPageSizeDefault : page_size);
}

}  // namespace quartermaster::orders
