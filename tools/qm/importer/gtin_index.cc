#include "tools/qm/importer/gtin_index.h"

#include "quartermaster/catalog/v1/catalog.grpc.pb.h"
#include "tools/qm/context.h"

namespace quartermaster::qm {
namespace {

namespace catalogv1 = ::quartermaster::catalog::v1;

constexpr int kItemsPerPage = 1'000;

uint64_t NumberOf(std::string_view gtin) {
  uint64_t number = 0;
  for (const char digit : gtin) number = 10 * number + static_cast<uint64_t>(digit - '0');
  return number;
}

}  // namespace

const grpc::Status& GtinIndex::Load() {
  if (read_) return status_;
  read_ = true;
  const auto stub = context_.Stub<catalogv1::CatalogService>();
  catalogv1::ListItemsRequest request;
  request.set_page_size(kItemsPerPage);
  catalogv1::ListItemsResponse page;
  do {
    status_ = context_.Call(*stub, &catalogv1::CatalogService::Stub::ListItems, request, &page);
    if (!status_.ok()) return status_;
    for (const catalogv1::Item& item : page.items()) {
      for (const std::string& gtin : item.gtins()) Add(item.sku(), gtin);
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return status_;
}

void GtinIndex::Add(const std::string& sku, std::string_view gtin) {
  if (skus_.empty() || skus_.back() != sku) skus_.push_back(sku);
  const auto at = static_cast<uint32_t>(skus_.size() - 1);
  auto& items = items_[NumberOf(gtin)];
  // An item may list it with and without its zeros.
  if (items.empty() || items.back() != at) items.push_back(at);
}

std::vector<std::string> GtinIndex::Find(std::string_view gtin) const {
  std::vector<std::string> found;
  const auto it = items_.find(NumberOf(gtin));
  if (it == items_.end()) return found;
  for (const uint32_t at : it->second) found.push_back(skus_[at]);
  return found;
}

}  // namespace quartermaster::qm
