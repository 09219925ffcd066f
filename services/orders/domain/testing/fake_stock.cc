#include "services/orders/domain/testing/fake_stock.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
namespace quartermaster::orders {

std::string FakeStock::Hold(const std::string& owner_id, const std::vector<HoldLine>& lines) {
  for (auto& [id, reservation] : reservations_) {
    if (reservation.owner_id == owner_id && !reservation.confirmed) {
      reservation.live = false;
      reservation.units.clear();
    }
  }
  const std::string id = absl::StrCat("r", next_++);
  Reservation& reservation = reservations_[id];
  reservation.owner_id = owner_id;
  for (const HoldLine& line : lines) {
    Units& units = reservation.units[{line.line_id, line.location_id}];
    units.sku = line.sku;
    units.open += line.quantity;
  }
  return id;
}

void FakeStock::Expire(const std::string& reservation_id) {
  Reservation& reservation = reservations_.at(reservation_id);
  if (reservation.confirmed) return;
  reservation.live = false;
  reservation.units.clear();
}

bool FakeStock::First(const std::string& key, const Intent& intent) {
  const auto [done, first] = done_.try_emplace(key, intent);
  EXPECT_TRUE(first || done->second == intent) << key << " was used with other content";
  return first;
}

std::string FakeStock::Confirm(const ConfirmStock& intent, bool rehold) {
  if (!First(intent.key, intent)) return confirmed_.at(intent.key);
  std::string id = intent.reservation_id;
  if (!reservations_.at(id).live) id = rehold ? Hold(intent.owner_id, intent.lines) : "";
  if (!id.empty()) reservations_.at(id).confirmed = true;
  return confirmed_[intent.key] = id;
}

FakeStock::Units* FakeStock::Open(const std::string& reservation_id, const ReservationUnits& part) {
  const auto reservation = reservations_.find(reservation_id);
  if (reservation == reservations_.end() || !reservation->second.confirmed) {
    ADD_FAILURE() << reservation_id << " is not an allocation";
    return nullptr;
  }
  const auto units = reservation->second.units.find({part.line_id, part.location_id});
  if (units == reservation->second.units.end() || units->second.open < part.quantity) {
    ADD_FAILURE() << reservation_id << " has less open of line " << part.line_id << " at "
                  << part.location_id;
    return nullptr;
  }
  return &units->second;
}

void FakeStock::Fulfil(const FulfilStock& intent) {
  if (!First(intent.key, intent)) return;
  for (const ReservationUnits& part : intent.parts) {
    Units* units = Open(intent.reservation_id, part);
    if (units == nullptr) continue;
    units->open -= part.quantity;
    gone_[units->sku] += part.quantity;
  }
}

void FakeStock::Release(const ReleaseStock& intent) {
  if (!First(intent.key, intent)) return;
  for (const ReservationUnits& part : intent.parts) {
    if (Units* units = Open(intent.reservation_id, part); units != nullptr) {
      units->open -= part.quantity;
    }
  }
}

void FakeStock::Sell(const SellStock& intent) {
  if (!First(intent.key, intent)) return;
  for (const StockEffect& effect : intent.effects) {
    EXPECT_EQ(++effects_[effect.effect_key], 1) << effect.effect_key;
    gone_[effect.sku] += effect.quantity;
  }
}

void FakeStock::Restock(const RestockReturn& intent) {
  if (!First(intent.key, intent)) return;
  for (const StockEffect& effect : intent.effects) {
    EXPECT_EQ(++effects_[effect.effect_key], 1) << effect.effect_key;
    gone_[effect.sku] -= effect.quantity;
    came_back_[{effect.sku, effect.condition}] += effect.quantity;
  }
}

void FakeStock::Reclassify(const ReclassifyReturn& intent) {
  if (!First(intent.key, intent)) return;
  EXPECT_FALSE(intent.effects.empty());
  for (size_t i = 0; i < intent.effects.size(); ++i) {
    const StockEffect& effect = intent.effects[i];
    EXPECT_EQ(++effects_[effect.effect_key], 1) << effect.effect_key;
    EXPECT_NE(intent.from[i], effect.condition);
    came_back_[{effect.sku, intent.from[i]}] -= effect.quantity;
    came_back_[{effect.sku, effect.condition}] += effect.quantity;
  }
}

}  // namespace quartermaster::orders
