// StockBooks: stock's numbers as an auditor rebuilds them from stored events, written without a
// look at stock's own code: what the two agree on is then no shared mistake.
#ifndef QUARTERMASTER_TOOLS_QM_VERIFY_STOCK_BOOKS_H_
#define QUARTERMASTER_TOOLS_QM_VERIFY_STOCK_BOOKS_H_

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "quartermaster/stock/v1/stock.pb.h"
#include "tools/qm/input/values.h"

namespace quartermaster::qm {

// Compact ids as the log counts them from 1; index 0 is nobody.
class NameList {
 public:
  NameList() : names_(1) {}

  // False if the id is not the next one, or the name is taken.
  bool Add(uint32_t id, const std::string& name) {
    if (id != names_.size() || !ids_.emplace(name, id).second) return false;
    names_.push_back(name);
    return true;
  }
  bool Knows(uint32_t id) const { return id > 0 && id < names_.size(); }
  // "#7" for an id that was never registered.
  std::string Name(uint32_t id) const { return Knows(id) ? names_[id] : absl::StrCat("#", id); }
  // 0 if there is none.
  uint32_t Find(const std::string& name) const {
    const auto found = ids_.find(name);
    return found == ids_.end() ? 0 : found->second;
  }
  size_t size() const { return names_.size() - 1; }

 private:
  std::vector<std::string> names_;
  absl::flat_hash_map<std::string, uint32_t> ids_;
};

// A reservation's id as the API has it, "r42", and the position that it stands for.
inline std::string ReservationName(int64_t id) { return absl::StrCat("r", id); }
inline std::optional<int64_t> ReservationNumber(std::string_view name) {
  if (!name.starts_with('r')) return std::nullopt;
  return ParseInteger(name.substr(1));
}
// What a finding about it is listed under.
inline std::string ReservationKey(int64_t id) {
  return absl::StrCat("reservation ", ReservationName(id));
}

// A SKU at a location, by compact ids.
using StockKey = std::pair<uint32_t, uint32_t>;

struct Balance {
  int64_t on_hand = 0;
  int64_t reserved = 0;
  int64_t allocated = 0;
  int64_t unusable = 0;
  // By stock.v1.Adjustment.Condition; the sum is `unusable`.
  std::map<int, int64_t> in_condition;
  // The sides of the conservation equation: what facts added (by the sign of each), and what
  // fulfilled reservations took.
  int64_t adjusted = 0;
  int64_t fulfilled = 0;
  // What transfers brought, less what they took away.
  int64_t transferred = 0;

  int64_t promised() const { return reserved + allocated; }
  int64_t usable() const { return on_hand - unusable; }
};

struct BookedReservation {
  struct Line {
    std::string line_id;
    uint32_t sku = 0;
    uint32_t pool = 0;
    // 0: nobody's.
    uint32_t channel = 0;
    // Asked for by name; 0 if it came from a pool, or if a partial hold got nothing here.
    uint32_t location = 0;
    int64_t quantity = 0;
    int64_t fulfilled = 0;
    int64_t released = 0;
    int64_t missing = 0;
    // Of a part of a kit: which, and how many units one has; else 0.
    uint32_t kit = 0;
    int64_t per_kit = 0;
    // Lines of one number are at one location, of kits each one; 0: wherever. And the class that
    // they may move in together, as long as they may; else 0.
    uint32_t group = 0;
    uint32_t group_class = 0;
    // Under way to another location, with a transfer.
    int64_t in_transit = 0;
    // Promised of what is to come: by when, from where (a class, or else a location), and how many
    // will not come in time.
    int64_t waiting = 0;
    int64_t needed_by_unix_us = 0;
    uint32_t waits_at_class = 0;
    uint32_t waits_at_location = 0;
    int64_t late = 0;
    // Of a flexible line, the class of its units, else 0; and how many are open.
    uint32_t eligible_class = 0;
    int64_t flexible = 0;
    // Open units by location; none of a flexible line.
    std::map<uint32_t, int64_t> open;
    // Of the open ones, by location, 0 for flexible units: those for which the goods are gone.
    std::map<uint32_t, int64_t> uncovered;

    int64_t uncovered_units() const {
      int64_t units = 0;
      for (const auto& [location_id, quantity_here] : uncovered) units += quantity_here;
      return units;
    }
    // Units that it no longer has are not uncovered either.
    void ForgetUncovered() {
      for (auto& [location_id, units] : uncovered) {
        const auto here = open.find(location_id);
        units = std::min(units, location_id == 0     ? flexible
                                : here == open.end() ? 0
                                                     : here->second);
      }
      std::erase_if(uncovered, [](const auto& entry) { return entry.second == 0; });
    }
    int64_t open_units() const {
      int64_t units = flexible;
      for (const auto& [location_id, quantity_here] : open) units += quantity_here;
      return units;
    }
  };
  std::string owner;
  stock::v1::Reservation::State state = stock::v1::Reservation::HELD;
  int64_t created_unix_us = 0;
  int64_t expire_unix_us = 0;
  int64_t replaced_by = 0;
  // Empty: nobody's in particular.
  std::string customer = {};
  std::vector<Line> lines = {};

  bool is_open() const {
    return state == stock::v1::Reservation::HELD || state == stock::v1::Reservation::CONFIRMED;
  }
};

// Flexible units that are interchangeable: of a SKU, of a class, in a column.
struct Lane {
  uint32_t sku = 0;
  uint32_t eligible_class = 0;
  bool allocated = false;

  friend auto operator<=>(const Lane&, const Lane&) = default;
};

// A fact with an effect key: it happens once.
struct BookedEffect {
  int64_t position = 0;
  StockKey key;
  int64_t delta = 0;
};

// A change of on hand, as a count sees it.
struct BookedFact {
  // 0: nobody's that numbers them.
  uint32_t source = 0;
  int64_t sequence = 0;
  int64_t time_unix_us = 0;
  int64_t delta = 0;
};

// What an event that has a message and a time says of a position.
template <typename Event>
BookedFact FactOf(const Event& event, int64_t logged_unix_us, int64_t delta) {
  const int64_t happened = event.business_unix_us();
  return {event.message().source(), event.message().sequence(),
          happened == 0 ? logged_unix_us : std::min(logged_unix_us, happened), delta};
}

struct BookedCount {
  std::string id;
  int parts = 0;
  int64_t taken_unix_us = 0;
  // stock.v1.ApplyCountRequest.Basis
  int basis = 0;
  std::set<uint32_t> full_at;
  std::map<uint32_t, int64_t> watermarks;
  // Part numbers. Of the rows of a position, the sums: what was counted, and left out.
  std::set<int> staged;
  std::map<StockKey, std::pair<int64_t, int64_t>> rows;
  // The last SKU that was switched.
  uint32_t through = 0;
  bool ended = false;

  // By its source's watermark, or else by when it happened.
  bool Has(const BookedFact& fact) const {
    const auto mark = fact.sequence > 0 ? watermarks.find(fact.source) : watermarks.end();
    if (mark != watermarks.end()) return fact.sequence <= mark->second;
    return fact.time_unix_us <= taken_unix_us;
  }
};

struct BookedChannel {
  uint32_t pool = 0;
  bool till = false;
};

// A SKU and a channel, by compact ids.
using ChannelOfSku = std::pair<uint32_t, uint32_t>;

// What a channel may have of a SKU, and what was sold of it.
struct BookedAllotment {
  std::optional<int64_t> quota, cap, customer_cap;
  bool borrows = false;
  int64_t version = 0;
  // Since the window began.
  int64_t sold = 0;
  std::map<std::string, int64_t> sold_to;
};

struct BookedKit {
  std::map<uint32_t, int64_t> components;
  bool same_location = false;
};

struct BookedTransfer {
  struct Line {
    uint32_t sku = 0;
    int64_t asked = 0;
    int64_t reservation = 0;
    uint32_t reservation_line = 0;
    bool of_order = false;
    int64_t shipped = 0;
    int64_t presumed = 0;
    int64_t received = 0;
    int64_t lost = 0;
    // Left with it out of an order's open units, and have neither come nor been lost.
    int64_t from_order = 0;

    int64_t in_transit() const { return shipped - received - lost; }
  };
  std::string id;
  uint32_t from = 0;
  uint32_t to = 0;
  // Somebody said that no more will come.
  bool all_received = false;
  bool closed = false;
  std::vector<Line> lines;

  int64_t in_transit() const {
    int64_t units = 0;
    for (const Line& line : lines) units += line.in_transit();
    return units;
  }
};

// A line of a purchase order.
struct BookedSupply {
  std::string id;
  std::string line_id;
  uint32_t sku = 0;
  uint32_t location = 0;
  int64_t expected = 0;
  int64_t received = 0;
  int64_t due_unix_us = 0;
  int64_t revision = 0;
  bool closed = false;

  int64_t open() const { return closed ? 0 : std::max<int64_t>(0, expected - received); }
};

struct StockBooks {
  // Of the last record that is in here.
  int64_t position = 0;
  int64_t time_unix_us = 0;
  NameList skus, locations, pools;
  absl::flat_hash_set<uint32_t> paused;
  absl::flat_hash_map<uint32_t, std::vector<uint32_t>> pool_locations;
  absl::flat_hash_map<StockKey, Balance> balances;
  // The sets of locations that pools ever had, in the order of their first time; class 1 is the
  // first.
  std::vector<std::set<uint32_t>> classes;
  // How many units of each lane stand where.
  std::map<Lane, std::map<uint32_t, int64_t>> backing;
  NameList channel_names;
  std::map<uint32_t, BookedChannel> channels;
  std::map<ChannelOfSku, BookedAllotment> allotments;
  // Open units of channels' lines; and of those of named customers.
  std::map<ChannelOfSku, int64_t> open_for;
  std::map<std::pair<ChannelOfSku, std::string>, int64_t> open_of;
  std::map<uint32_t, BookedKit> kits;
  // What is kept back from online demand, by scope; 0: any SKU, any location.
  std::map<StockKey, int64_t> safety_stock;
  // By id, the position of the StockReserved.
  std::map<int64_t, BookedReservation> reservations;
  absl::flat_hash_map<std::string, int64_t> hold_of_owner;
  absl::flat_hash_map<std::string, BookedEffect> effects;
  int64_t adjustments = 0;
  NameList sources;
  // Source and message id (or "#" and its number), to its position.
  absl::flat_hash_map<std::string, int64_t> messages;
  std::map<uint32_t, BookedCount> counts;
  std::map<uint32_t, BookedSupply> supplies;
  // By SKU: reservations and lines that waited once.
  std::map<uint32_t, std::set<std::pair<int64_t, uint32_t>>> waiters;
  NameList transfer_names;
  std::map<uint32_t, BookedTransfer> transfers;
  // To the position.
  absl::flat_hash_map<StockKey, int64_t> in_transit;
  // Everything that changed on hand, or would have but for a count that has it.
  absl::flat_hash_map<StockKey, std::vector<BookedFact>> facts;

  // What one of it comes to, if that is allowed; itself, if it is no kit.
  std::optional<std::map<uint32_t, int64_t>> PartsOf(uint32_t sku, int tiers) const;
  // Whether one of it must be at one location: it, or a kit in it.
  bool IsWhole(uint32_t sku) const;
  int64_t FlexibleAt(const StockKey& key) const {
    int64_t units = 0;
    for (auto it = backing.lower_bound({key.first, 0, false});
         it != backing.end() && it->first.sku == key.first; ++it) {
      const auto found = it->second.find(key.second);
      if (found != it->second.end()) units += found->second;
    }
    return units;
  }
  bool HasFlexible(uint32_t sku) const {
    const auto found = backing.lower_bound({sku, 0, false});
    return found != backing.end() && found->first.sku == sku;
  }
  int64_t UsedFor(const ChannelOfSku& key) const {
    const auto open = open_for.find(key);
    const auto allotment = allotments.find(key);
    return (open == open_for.end() ? 0 : open->second) +
           (allotment == allotments.end() ? 0 : allotment->second.sold);
  }
  int64_t UsedBy(const ChannelOfSku& key, const std::string& customer) const {
    const auto open = open_of.find({key, customer});
    const int64_t used = open == open_of.end() ? 0 : open->second;
    const auto allotment = allotments.find(key);
    if (allotment == allotments.end()) return used;
    const auto sold = allotment->second.sold_to.find(customer);
    return used + (sold == allotment->second.sold_to.end() ? 0 : sold->second);
  }
  bool HasQuota(uint32_t sku) const {
    for (auto it = allotments.lower_bound({sku, 0});
         it != allotments.end() && it->first.first == sku; ++it) {
      if (it->second.quota) return true;
    }
    return false;
  }
  std::string AllotmentName(const ChannelOfSku& key) const {
    return absl::StrCat("allotment of ", skus.Name(key.first), " for ",
                        channel_names.Name(key.second));
  }
  // By the most specific setting.
  int64_t SafetyStockOf(const StockKey& key) const {
    const auto [sku, location] = key;
    for (const StockKey& scope : {key, StockKey{sku, 0}, StockKey{0, location}, StockKey{0, 0}}) {
      const auto found = safety_stock.find(scope);
      if (found != safety_stock.end()) return found->second;
    }
    return 0;
  }
  // How many units of it are not there.
  int64_t LackingSafetyStock(const StockKey& key) const {
    const int64_t wanted = SafetyStockOf(key);
    if (wanted == 0) return 0;
    const auto found = balances.find(key);
    const Balance balance = found == balances.end() ? Balance{} : found->second;
    return std::clamp<int64_t>(wanted - (balance.usable() - balance.promised()), 0, wanted);
  }
  std::string KeyName(const StockKey& key) const {
    return absl::StrCat("stock ", skus.Name(key.first), " at ", locations.Name(key.second));
  }
};

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_VERIFY_STOCK_BOOKS_H_
