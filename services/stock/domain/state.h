// State: everything that stock decides on. A function of the log: apply.h is its only writer, but
// for lists of what is to be done: the queue of deadlines, that expiry.h takes from; the SKUs that
// settle.h has yet to look at; and what leaves memory (`forgotten`, OnceKeys), that whoever applies
// takes to the archive, and tells the state of when a command needs it.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_STATE_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_STATE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "services/base/time.h"
#include "services/stock/domain/counts.h"
#include "services/stock/domain/customers.h"
#include "services/stock/domain/ended_reservations.h"
#include "services/stock/domain/events.h"
#include "services/stock/domain/expiry_queue.h"
#include "services/stock/domain/holds_by_owner.h"
#include "services/stock/domain/ids.h"
#include "services/stock/domain/inventory.h"
#include "services/stock/domain/movable_groups.h"
#include "services/stock/domain/once_keys.h"
#include "services/stock/domain/recent_facts.h"
#include "services/stock/domain/reservation_table.h"
#include "services/stock/domain/sources.h"
#include "services/stock/domain/supplies.h"
#include "services/stock/domain/transfers.h"
#include "services/stock/domain/waiting.h"

namespace quartermaster::stock {

// Of the state's bytes in a checkpoint (State::Persist), and of what they mean. Whoever changes
// what is saved, or what an event does to it, raises it: a checkpoint that another version made is
// not what a replay makes now. checkpoint_test.cc of app notices most of that.
inline constexpr int64_t kStateVersion = 2;

// The inventory, and what has been promised of it. Not thread-safe.
struct State : Inventory {
  // The open ones, and those that ended last.
  ReservationTable reservations;
  EndedReservations ended;
  // What has left memory, in the order in which it did, for whoever applies to take and archive.
  std::vector<Reservation> forgotten;
  HoldsByOwner holds;
  // Has every open hold's deadline; stale ones too.
  ExpiryQueue expiries;

  // Of the open reservations.
  MovableGroups movable_groups;

  // Effects that happened, and messages that came; whoever applies gives out the oldest.
  OnceKeys once;

  // At how many locations more of a SKU is promised than there is. Without the others.
  absl::btree_map<SkuIndex, int> short_locations;
  // Whose units are uncovered, in the order in which they were uncovered; no more than a line has
  // open. Without the SKUs that cover all.
  absl::btree_map<SkuIndex, std::vector<UncoveredUnits>> uncovered;
  // The SKUs of which something changed while they were short or waited for: settle.h takes from
  // it.
  absl::btree_set<SkuIndex> unsettled;

  Customers customers;

  SourceTable sources;
  CountTable counts;
  TransferTable transfers;
  SupplyTable supplies;
  // What lines wait for; the sum of ReservationLine::waiting.
  WaitingTable waiting;
  // The SKUs of which it has to be found out anew who will not have their units in time; all are in
  // `unsettled`, too.
  absl::btree_set<SkuIndex> unchecked_promises;
  // What changed on hand.
  RecentFacts recent_facts;
  // What only changed what is allocated, for counts that are net of it; and when the last of it
  // happened that is forgotten. On their own: there are many, and few counts ask.
  RecentFacts recent_allocations;
  Instant forgotten_allocations = kDistantPast;

  // nullptr if there is none, or it ended long ago.
  const Reservation* FindReservation(ReservationId id) const { return reservations.Find(id); }
  Reservation* FindReservation(ReservationId id) { return reservations.Find(id); }
  // The content's fingerprint of an effect that has happened; nullptr if it has not, or has no key.
  const uint64_t* FindEffect(const std::string& key) const { return once.Find(EffectOnce(key)); }
  // That of a message that has come.
  const uint64_t* FindMessage(const SourceMessage& message) const {
    return once.Find(MessageOnce(message.source, message.sequence, message.id));
  }

  // base/persist.h: without what is on its way to the archive.
  template <typename Archive, typename Self>
  static void Persist(Archive& archive, Self& self) {
    if constexpr (Archive::kLoads) {
      archive(static_cast<Inventory&>(self));
    } else {
      archive(static_cast<const Inventory&>(self));
    }
    archive(self.reservations, self.ended, self.expiries, self.movable_groups, self.once,
            self.short_locations, self.uncovered, self.unsettled, self.customers, self.sources,
            self.counts, self.transfers, self.supplies, self.waiting, self.unchecked_promises,
            self.recent_facts, self.recent_allocations, self.forgotten_allocations);
    if constexpr (Archive::kLoads) {
      for (auto* r = self.reservations.Next(ReservationId::kNone); r != nullptr;
           r = self.reservations.Next(r->id)) {
        if (r->state == ReservationState::kHeld) self.holds.Add(r);
      }
    }
  }
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_STATE_H_
