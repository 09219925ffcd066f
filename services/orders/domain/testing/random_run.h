// RandomRun: random commands against orders, with a saga that crashes, repeats itself and meets
// expired holds, over a strict FakeStock. Deterministic by its seed.
//
//   RandomRun run(seed);
//   run.Steps(1'000);
//   run.Drain();         // carries out every intent
//   run.CheckBooks();    // orders and stock agree; nothing is stranded
#ifndef QUARTERMASTER_SERVICES_ORDERS_DOMAIN_TESTING_RANDOM_RUN_H_
#define QUARTERMASTER_SERVICES_ORDERS_DOMAIN_TESTING_RANDOM_RUN_H_

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/orders/domain/testing/fake_stock.h"
#include "services/orders/domain/testing/world.h"

namespace quartermaster::orders {

class RandomRun {
 public:
  explicit RandomRun(uint64_t seed) : random_(seed) {}

  void Steps(int count);
  void Drain();
  // After Drain. Failures of the test say what does not agree.
  void CheckBooks() const;

  const World& world() const { return world_; }
  // How often each event and each rejection happened, by name and variant index.
  const std::map<std::string, int>& seen() const { return seen_; }

 private:
  int Pick(int below) { return static_cast<int>(random_() % static_cast<uint64_t>(below)); }
  void CheckConditions() const;
  bool OneIn(int n) { return Pick(n) == 0; }
  Quantity Units() { return Quantity(Pick(6) == 0 ? Pick(8) : 1 + Pick(3)); }
  std::string Location() { return absl::StrCat("w", Pick(4)); }
  std::string SomeOrder();
  std::string SomeTask();
  std::string SomeReturn();
  std::string SomeLine(const std::string& order_id);
  // Of a policy, or of none.
  std::string SomeReason() { return OneIn(2) ? "" : absl::StrCat("reason", Pick(4)); }

  // When stores close; perhaps fewer times than there are days to be counted.
  std::vector<Instant> Closes();
  void Do(const Command& command);
  void Step();
  void Price(PlaceOrder& c);
  void Place();
  NewHold SomeHold();
  void HoldBack();
  void SetPolicy();
  void Edit();
  // A fact of a payment, perhaps one that contradicts others.
  void Pay();
  void Customer();
  void Staff();
  void Dispatch(const std::string& task_id, const std::string& order_id);
  void Carrier();
  void Ready(const std::string& task_id);
  void PutBackSome(const std::string& task_id, const std::string& order_id);
  void Counter(const std::string& task_id, const std::string& order_id);
  // An unmatched return is some order's.
  void Match();
  void Inspect();
  void Back();
  void Till();
  // Stock has come for some of it.
  void Fill(const Reroute& backorder);
  // Carries out one intent; sometimes the answer is lost, so that it is done again later.
  void Saga(const Intent& intent, bool may_lose);
  void Perform(const ConfirmStock& intent, bool lose);
  void Perform(const FulfilStock& intent, bool lose);
  void Perform(const ReleaseStock& intent, bool lose);
  void Perform(const SellStock& intent, bool lose);
  void Perform(const RestockReturn& intent, bool lose);
  void Perform(const ReclassifyReturn& intent, bool lose);
  void Perform(const Reroute& intent, bool lose);

  std::mt19937_64 random_;
  World world_;
  FakeStock stock_;
  std::vector<std::string> order_ids_;
  std::vector<std::string> sale_ids_;
  std::map<std::string, Intent> intents_;
  std::vector<ReportRerouted> late_;
  std::map<std::string, int> seen_;
  int next_id_ = 1;
};

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_DOMAIN_TESTING_RANDOM_RUN_H_
