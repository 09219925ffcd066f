#include "tools/retail/shop.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/base/absl_view.h"

namespace quartermaster::retail {
namespace {

constexpr size_t kNotesMax = 10;

std::string Describe(const grpc::Status& status) {
  return absl::StrCat("status ", static_cast<int>(status.error_code()), ", ",
                      common::v1::ErrorReason_Name(ReasonOf(status)), ": ", status.error_message());
}

}  // namespace

Shop::Shop(const World& world, const Plan& plan, std::string run_id, uint64_t seed)
    : books(world.items.size()),
      records(plan.orders.size()),
      world_(world),
      plan_(plan),
      run_id_(std::move(run_id)),
      seed_(seed) {
  for (size_t i = 0; i < world.places.size(); ++i) {
    places_.emplace(world.places[i].id, static_cast<PlaceIndex>(i));
  }
}

std::string Shop::RequestId(std::string_view what, int64_t number) const {
  return absl::StrCat(run_id_, "/", AbslView(what), "/", number);
}

PlaceIndex Shop::PlaceOf(const std::string& location_id) const {
  const auto found = places_.find(location_id);
  return found == places_.end() ? kNoPlace : found->second;
}

void Shop::Refused(std::string_view what, const grpc::Status& status, bool unjustified) {
  if (!unjustified) {
    ++tally.refusals_justified;
    return;
  }
  ++tally.refusals_unjustified;
  Note(absl::StrCat("unjustified: ", AbslView(what), ": ", Describe(status)));
}

void Shop::Unexpected(std::string_view what, const grpc::Status& status) {
  Unexpected(what, Describe(status));
}

void Shop::Unexpected(std::string_view what, std::string_view why) {
  tally.unexpected.fetch_add(1);
  Note(absl::StrCat(AbslView(what), ": ", AbslView(why)));
}

void Shop::Note(std::string note) {
  MutexLock lock(&notes_mutex_);
  if (notes_.size() < kNotesMax) notes_.push_back(std::move(note));
}

std::vector<std::string> Shop::notes() const {
  MutexLock lock(&notes_mutex_);
  return notes_;
}

std::vector<Want> WantsOf(const std::vector<PlannedLine>& lines) {
  std::map<ItemIndex, int64_t> sums;
  for (const PlannedLine& line : lines) sums[line.item] += line.quantity;
  std::vector<Want> wants;
  for (const auto& [item, quantity] : sums) wants.push_back({item, quantity});
  return wants;
}

}  // namespace quartermaster::retail
