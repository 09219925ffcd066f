#include "services/stock/domain/invariants.h"

#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"

namespace quartermaster::stock {
namespace {

using Key = std::pair<SkuIndex, LocationIndex>;

class Checker {
 public:
  explicit Checker(const State& state) : state_(state) {}

  std::vector<std::string> Run() {
    state_.expiries.ForEach([this](const ExpiryQueue::Entry& entry) {
      deadlines_.emplace(entry.reservation, entry.expires);
    });
    size_t holds = 0;
    for (const Reservation* r = state_.reservations.Next(ReservationId::kNone); r != nullptr;
         r = state_.reservations.Next(r->id)) {
      CheckReservation(*r);
      if (r->state == ReservationState::kHeld) {
        ++holds;
        CheckHold(*r);
      }
    }
    if (holds != state_.holds.size()) {
      Report("holds by owner: ", state_.holds.size(), ", open holds: ", holds);
    }
    CheckPositions();
    return std::move(broken_);
  }

 private:
  template <typename... Args>
  void Report(const Args&... args) {
    broken_.push_back(absl::StrCat(args...));
  }
  static int64_t Number(ReservationId id) { return static_cast<int64_t>(id); }

  void CheckReservation(const Reservation& r) {
    for (const ReservationLine& line : r.lines) {
      Quantity placed;
      for (const Placement& p : line.placements) {
        if (!p.quantity.IsPositive()) Report("reservation ", Number(r.id), ": empty placement");
        placed += p.quantity;
        Balances& sum = promised_[{line.sku, p.location}];
        (r.state == ReservationState::kHeld ? sum.reserved : sum.allocated) += p.quantity;
      }
      if (placed != line.open()) {
        Report("reservation ", Number(r.id), ": ", placed.units(), " placed, ", line.open().units(),
               " open");
      }
      if (!IsOpen(r.state) && !placed.IsZero()) {
        Report("reservation ", Number(r.id), " has ended with ", placed.units(), " open");
      }
    }
  }

  void CheckHold(const Reservation& r) {
    if (state_.holds.Find(r.owner) != &r) {
      Report("hold ", Number(r.id), " is not its owner's");
    }
    if (deadlines_.count({r.id, r.expires}) == 0) {
      Report("hold ", Number(r.id), " never expires");
    }
  }

  void CheckPositions() {
    for (uint32_t i = 1; i < state_.positions.skus().size(); ++i) {
      const auto sku = static_cast<SkuIndex>(i);
      for (const SkuPositions::Entry& entry : state_.positions.skus()[i]) {
        const auto it = promised_.find({sku, entry.location});
        const Balances expected = it == promised_.end() ? Balances{} : it->second;
        if (it != promised_.end()) promised_.erase(it);
        Compare(sku, entry.location, "reserved", expected.reserved, entry.position.reserved);
        Compare(sku, entry.location, "allocated", expected.allocated, entry.position.allocated);
        if (entry.position.unusable.IsNegative()) {
          Report(KeyName(sku, entry.location), ": unusable below zero");
        }
      }
    }
    for (const auto& [key, sum] : promised_) {
      Report(KeyName(key.first, key.second), ": promised where nothing was ever stocked");
    }
  }

  void Compare(SkuIndex sku, LocationIndex location, const char* what, Quantity expected,
               Quantity actual) {
    if (expected == actual) return;
    Report(KeyName(sku, location), ": ", what, " is ", actual.units(), ", its reservations say ",
           expected.units());
  }
  std::string KeyName(SkuIndex sku, LocationIndex location) const {
    return absl::StrCat(state_.skus.Name(sku), " at ", state_.locations.Name(location));
  }

  const State& state_;
  std::vector<std::string> broken_;
  std::map<Key, Balances> promised_;
  std::set<std::pair<ReservationId, Instant>> deadlines_;
};

}  // namespace

std::vector<std::string> FindBrokenInvariants(const State& state) { return Checker(state).Run(); }

}  // namespace quartermaster::stock
