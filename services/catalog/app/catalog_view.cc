#include "services/catalog/app/catalog_view.h"

#include <limits>

namespace quartermaster::catalog {
namespace {

template <typename Values>
typename Values::mapped_type Find(const Values& values, std::string_view id) {
  const auto found = values.find(std::string(id));
  return found == values.end() ? nullptr : found->second;
}

template <typename Values>
std::vector<typename Values::mapped_type> List(const Values& values, std::string_view after,
                                               size_t limit) {
  std::vector<typename Values::mapped_type> page;
  for (auto it = values.upper_bound(std::string(after)); it != values.end() && page.size() < limit;
       ++it) {
    page.push_back(it->second);
  }
  return page;
}

// No id is empty, so that all ids come after it.
constexpr std::string_view kBeforeAll;
constexpr size_t kNoLimit = std::numeric_limits<size_t>::max();

}  // namespace

std::shared_ptr<const Item> CatalogView::FindItem(std::string_view sku) const {
  ReaderLock lock(&mutex_);
  return Find(items_, sku);
}

std::shared_ptr<const Location> CatalogView::FindLocation(std::string_view location_id) const {
  ReaderLock lock(&mutex_);
  return Find(locations_, location_id);
}

std::vector<std::shared_ptr<const Item>> CatalogView::ListItems(std::string_view after,
                                                                size_t limit) const {
  ReaderLock lock(&mutex_);
  return List(items_, after, limit);
}

std::vector<std::shared_ptr<const Location>> CatalogView::ListLocations(std::string_view after,
                                                                        size_t limit) const {
  ReaderLock lock(&mutex_);
  return List(locations_, after, limit);
}

Position CatalogView::head() const {
  ReaderLock lock(&mutex_);
  return head_;
}

void CatalogView::AddListener(CatalogListener* listener) {
  MutexLock publishing(&publishing_);
  for (const auto& item : ListItems(kBeforeAll, kNoLimit)) listener->OnItem(*item);
  for (const auto& location : ListLocations(kBeforeAll, kNoLimit)) listener->OnLocation(*location);
  listeners_.push_back(listener);
}

void CatalogView::Publish(const CatalogChanges& changes, Position head) {
  MutexLock publishing(&publishing_);
  {
    WriterLock lock(&mutex_);
    for (const auto& item : changes.items) items_[item->sku] = item;
    for (const auto& location : changes.locations) locations_[location->location_id] = location;
    head_ = head;
  }
  for (CatalogListener* listener : listeners_) {
    for (const auto& item : changes.items) listener->OnItem(*item);
    for (const auto& location : changes.locations) listener->OnLocation(*location);
  }
}

}  // namespace quartermaster::catalog
