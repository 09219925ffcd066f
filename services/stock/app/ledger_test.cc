// The ledger: every change with its cause, balances at any past position, also after a restart.
#include "services/stock/app/ledger.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <map>

#include "absl/strings/str_cat.h"
#include "services/base/testing/seed.h"
#include "services/stock/app/ledger_rows.h"
#include "services/stock/app/test_machine.h"
#include "services/stock/domain/testing/random_commands.h"
#include "services/stock/domain/testing/shop.h"

namespace quartermaster::stock {
namespace {

constexpr storage::Position kHead = storage::kPositionMax;

class LedgerTest : public testing::Test {
 protected:
  LedgerTest() : directory_(testing::TempDir() + "/ledger_test_XXXXXX") {
    EXPECT_NE(mkdtemp(directory_.data()), nullptr);
    Open();
  }
  ~LedgerTest() override {
    Close();
    std::filesystem::remove_all(directory_);
  }
  void Open() {
    auto store = storage::ServiceStore::Open(directory_, kLedgerSchema);
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
    ledger_ = std::make_unique<Ledger>(log_.get(), kPartition, store_.get());
    machine_ = std::make_unique<TestMachine>(log_.get(), &clock_, ledger_.get(),
                                             engine::SequencerOptions(), kept_);
  }
  void Close() {
    machine_.reset();
    ledger_.reset();
    store_.reset();
  }
  // Reads on the ledger's thread, behind everything that was added.
  template <typename Read>
  auto Ask(Read read) {
    using Answer = decltype(read(std::declval<const Ledger&>()));
    std::promise<Answer> answer;
    EXPECT_TRUE(ledger_->Query([&](const Ledger& ledger) { answer.set_value(read(ledger)); }));
    auto result = answer.get_future().get();
    EXPECT_TRUE(result.ok()) << result.status();
    return *std::move(result);
  }
  std::vector<Movement> Movements(storage::Position after, int limit, bool newest_first,
                                  storage::Position until = kHead) {
    return Ask([&](const Ledger& l) {
      return l.Movements(kA, kS1, after, until, limit, newest_first, [] { return false; });
    });
  }
  Balances BalanceAt(storage::Position at) {
    return Ask([&](const Ledger& l) { return l.BalanceAt(kA, kS1, at); });
  }

  std::string directory_;
  FakeClock clock_;
  StockMachine::Kept kept_;
  std::unique_ptr<storage::EventLog> log_ = storage::NewMemoryLog();
  std::unique_ptr<storage::ServiceStore> store_;
  std::unique_ptr<Ledger> ledger_;
  std::unique_ptr<TestMachine> machine_;
};

TEST_F(LedgerTest, EveryMovementHasItsCauseAndTheBalanceAfterIt) {
  AdjustStock received = Shop::Fact(AdjustmentKind::kReceived, "A", "S1", 5, "wms/1");
  received.attribution = {"clerk", "scanner", "RECEIPT"};
  machine_->Do(received);
  const Instant start = clock_.Now();
  clock_.Advance(Seconds(10));
  ReserveStock reserve;
  reserve.owner = "cart";
  reserve.ttl = kTtl;
  reserve.lines.push_back({.sku = kA, .location = kS1, .quantity = Quantity(2)});
  const ReservationId id = machine_->Hold(reserve);
  machine_->Do(ConfirmReservation{id, {}, "", {"shop", "", "PAID"}});
  machine_->Do(BindReservation{id, {{"0", {{kS1, Quantity(2)}}}}, {}});
  machine_->Do(FulfilReservation{id, {}, {}});

  const auto check = [&] {
    const std::vector<Movement> all = Movements(0, 100, false);
    ASSERT_EQ(all.size(), 6u);
    const ChangeKind kinds[] = {ChangeKind::kReceived,  ChangeKind::kReserved,
                                ChangeKind::kConfirmed, ChangeKind::kBound,
                                ChangeKind::kBound,     ChangeKind::kFulfilled};
    Balances running;
    for (size_t i = 0; i < all.size(); ++i) {
      const Movement& m = all[i];
      EXPECT_EQ(m.change.kind, kinds[i]);
      running.on_hand += m.change.delta.on_hand;
      running.reserved += m.change.delta.reserved;
      running.allocated += m.change.delta.allocated;
      running.unusable += m.change.delta.unusable;
      EXPECT_EQ(m.change.after, running);
      EXPECT_EQ(m.change.reservation, i == 0 ? ReservationId::kNone : id);
      EXPECT_EQ(m.owner, i == 0 ? "" : "cart");
      EXPECT_EQ(m.time, i == 0 ? start : start + Seconds(10));
    }
    EXPECT_EQ(all[0].effect_key, "wms/1");
    EXPECT_EQ(all[0].actor, "clerk");
    EXPECT_EQ(all[0].device, "scanner");
    EXPECT_EQ(all[0].reason, "RECEIPT");
    EXPECT_EQ(all[2].reason, "PAID");
    // Pages; the two changes of one record come together.
    std::vector<int64_t> records;
    for (const Movement& m : all) records.push_back(m.change.record);
    EXPECT_EQ(Movements(0, 2, false).back().change.record, records[1]);
    EXPECT_EQ(Movements(records[2], 1, false).size(), 2u);
    EXPECT_EQ(Movements(records[4], 9, false).size(), 1u);
    EXPECT_EQ(Movements(records[5], 9, false).size(), 0u);
    EXPECT_EQ(Movements(0, 1, true)[0].change.record, records[5]);
    EXPECT_EQ(Movements(records[2], 9, true).size(), 2u);
    EXPECT_EQ(Movements(records[0], 9, true).size(), 0u);
    // As of the second: that and the one before, whichever way.
    EXPECT_EQ(Movements(0, 9, false, records[1]).back().change.record, records[1]);
    EXPECT_EQ(Movements(0, 9, true, records[1])[0].change.record, records[1]);
    EXPECT_EQ(Movements(0, 9, true, records[1]).back().change.record, records[0]);
    EXPECT_EQ(Movements(records[1], 9, true, records[1]).back().change.record, records[0]);
    EXPECT_EQ(Movements(records[1], 9, false, records[1]).size(), 0u);
    EXPECT_EQ(Movements(0, 9, false, records[0] - 1).size(), 0u);
    // Just before, at, and long after a change.
    EXPECT_EQ(BalanceAt(records[0] - 1), Balances{});
    EXPECT_EQ(BalanceAt(records[0]).on_hand, Quantity(5));
    EXPECT_EQ(BalanceAt(records[1]).reserved, Quantity(2));
    EXPECT_EQ(BalanceAt(records[5] - 1).allocated, Quantity(2));
    EXPECT_EQ(BalanceAt(1'000'000), running);
    const auto at = [&](Instant time) {
      return Ask([&](const Ledger& l) { return l.PositionAt(time); });
    };
    EXPECT_EQ(at(start - Micros{1}), 0);
    EXPECT_GE(at(start), records[0]);
    EXPECT_LT(at(start + Seconds(10) - Micros{1}), records[1]);
    EXPECT_GE(at(start + Seconds(10)), records[5]);
  };
  check();
  // Reopened, replayed over what is there, and rebuilt from nothing.
  Close();
  Open();
  check();
  Close();
  std::filesystem::remove_all(directory_);
  Open();
  check();
}

TEST_F(LedgerTest, PastBalancesAreThoseThatWere) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  RandomCommands random(seed);
  for (const char* sku : {"K0", "K1"}) machine_->Do(RegisterSku{sku});
  for (const char* location : {"L0", "L1"}) machine_->Do(RegisterLocation{location, false});
  std::map<storage::Position, std::pair<Balances, ConditionCounts>> then;
  for (int i = 0; i < 400; ++i) {
    clock_.Advance(random.NextWait());
    machine_->Do(random.Next(machine_->state(), clock_.Now()),
                 random.Below(2) == 0 ? "" : absl::StrCat(i));
    then[machine_->sequencer().head()] = {machine_->state().positions.Get(kA, kS1),
                                          machine_->state().conditions.Get(kA, kS1)};
    if (i == 200) {
      Close();
      Open();
    }
  }
  Close();
  Open();
  for (const auto& [position, figures] : then) {
    ASSERT_EQ(BalanceAt(position), figures.first);
    ASSERT_EQ(Ask([&, at = position](const Ledger& l) { return l.ConditionsAt(kA, kS1, at); }),
              figures.second);
  }
}

TEST_F(LedgerTest, WhatLeavesMemoryIsArchived) {
  Close();
  kept_.reservations = {.expired = 8, .others = 8};
  std::filesystem::remove_all(directory_);
  Open();
  machine_->Do(Shop::Fact(AdjustmentKind::kReceived, "A", "S1", 100));
  // As they were told of at their end.
  std::map<ReservationId, Reservation> ended;
  const auto hold = [&](const std::string& owner) {
    ReserveStock reserve;
    reserve.owner = owner;
    reserve.ttl = kTtl;
    reserve.lines.push_back(
        {.line_id = "line", .sku = kA, .location = kS1, .quantity = Quantity(1)});
    return machine_->Hold(reserve);
  };
  const auto end_some = [&] {
    for (int i = 0; i < 20; ++i) {
      const ReservationId id = hold("cart");
      clock_.Advance(Seconds(1));
      if (i % 2 == 0) {
        ended[id] = *machine_->Do(FulfilReservation{id, {}, {}}).result.reservation;
      } else {
        ended[id] = *machine_->Do(ReleaseReservation{id, {}, false, {}}).result.reservation;
      }
    }
    for (int i = 0; i < 10; ++i) ended[hold(absl::StrCat("late-", i))] = {};
    clock_.Advance(kTtl);
    // A frame of its own, so that they end in one without movements of commands.
    machine_->Do(ListReservations{});
    for (auto& [id, r] : ended) {
      const Reservation* const in_memory = machine_->state().FindReservation(id);
      if (r.id == ReservationId::kNone && in_memory != nullptr) {
        r = *in_memory;
        // It takes no place in a chain along.
        for (ReservationLine& line : r.lines) line.older = kUnlinked;
      }
    }
  };
  const auto check = [&] {
    std::vector<ReservationId> archived;
    const auto visit = [&](ReservationId after, size_t max) {
      return Ask([&](const Ledger& l) -> absl::StatusOr<std::vector<ReservationId>> {
        std::vector<ReservationId> ids;
        const absl::Status read = l.reservations().Visit(after, [&](Reservation&& r) {
          ids.push_back(r.id);
          return ids.size() < max;
        });
        if (!read.ok()) return read;
        return ids;
      });
    };
    for (const auto& [id, r] : ended) {
      const std::optional<Reservation> found =
          Ask([&, wanted = id](const Ledger& l) { return l.reservations().Find(wanted); });
      ASSERT_EQ(found.has_value(), machine_->state().FindReservation(id) == nullptr);
      if (!found) continue;
      archived.push_back(id);
      EXPECT_EQ(found->id, id);
      EXPECT_EQ(found->lines.size(), 1u);
      if (r.id == ReservationId::kNone) {
        EXPECT_EQ(found->state, ReservationState::kExpired);
      } else {
        EXPECT_EQ(*found, r);
      }
    }
    EXPECT_EQ(archived.size(), ended.size() - 16);
    EXPECT_EQ(visit(ReservationId::kNone, 1'000), archived);
    EXPECT_EQ(visit(archived[2], 2),
              (std::vector<ReservationId>{archived.begin() + 3, archived.begin() + 5}));
    EXPECT_EQ(visit(archived.back(), 2), std::vector<ReservationId>());
  };
  end_some();
  check();
  // Reopened, gone on with, and rebuilt from nothing.
  Close();
  Open();
  check();
  end_some();
  check();
  Close();
  std::filesystem::remove_all(directory_);
  Open();
  check();
}

TEST_F(LedgerTest, AnArchivedReservationThatIsDamagedIsSaidToBe) {
  storage::ServiceStore::Batch writes;
  writes.Put(ReservationKey(ReservationId{7}), "no reservation");
  ASSERT_TRUE(store_->Write(std::move(writes), "other", 1).ok());
  const ReservationArchive archive(store_.get());
  EXPECT_TRUE(absl::IsDataLoss(archive.Find(ReservationId{7}).status()));
  EXPECT_TRUE(
      absl::IsDataLoss(archive.Visit(ReservationId::kNone, [](Reservation&&) { return true; })));
  EXPECT_TRUE(archive.Visit(ReservationId{7}, [](Reservation&&) { return false; }).ok());
}

TEST_F(LedgerTest, HowManyMayWaitIsBounded) {
  std::promise<void> begun, let_go;
  EXPECT_TRUE(ledger_->Query([&](const Ledger&) {
    begun.set_value();
    let_go.get_future().wait();
  }));
  begun.get_future().wait();
  // The one that runs counts too.
  std::atomic<size_t> ran{1};
  for (size_t i = 1; i < Ledger::kQueriesMax; ++i) {
    EXPECT_TRUE(ledger_->Query([&](const Ledger&) { ++ran; }));
  }
  EXPECT_FALSE(ledger_->Query([](const Ledger&) { FAIL() << "it was refused"; }));
  let_go.set_value();
  // Behind all of them.
  Close();
  EXPECT_EQ(ran, Ledger::kQueriesMax);
}

TEST_F(LedgerTest, StopsReadingWhenNobodyWaits) {
  for (int i = 0; i < 5; ++i) machine_->Do(Shop::Fact(AdjustmentKind::kReceived, "A", "S1", 1));
  int asked = 0;
  std::promise<absl::Status> answer;
  EXPECT_TRUE(ledger_->Query([&](const Ledger& ledger) {
    answer.set_value(
        ledger.Movements(kA, kS1, 0, kHead, 100, false, [&] { return ++asked == 3; }).status());
  }));
  EXPECT_TRUE(absl::IsCancelled(answer.get_future().get()));
  EXPECT_EQ(asked, 3);
}

}  // namespace
}  // namespace quartermaster::stock
