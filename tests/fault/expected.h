// Expected: what must be there, by the clients' journals alone.
//
//   const Expected expected = Expect({&journal_of_client_0, &journal_of_client_1});
#ifndef QUARTERMASTER_TESTS_FAULT_EXPECTED_H_
#define QUARTERMASTER_TESTS_FAULT_EXPECTED_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "services/base/time.h"
#include "tests/fault/journal.h"

namespace quartermaster::crash {

struct ExpectedReservation {
  struct Line {
    std::string sku;
    int64_t quantity = 0;
    int64_t fulfilled = 0;
    int64_t released = 0;
    int64_t missing = 0;

    int64_t open() const { return quantity - fulfilled - released - missing; }
  };
  enum class Fate {
    // Until `expires`.
    kHeld,
    kConfirmed,
    // Its owner asked for other lines: `replaced_by`.
    kUpdated,
    // A placed order named it: the order's hold took its place, unless it had expired.
    kTaken,
    // A refused order named it: both, or neither, may have happened.
    kOffered,
  };
  std::string owner;
  Fate fate = Fate::kHeld;
  Instant expires;
  std::string replaced_by;
  // By line id.
  std::map<std::string, Line> lines;

  int64_t open() const;
};

struct ExpectedOrder {
  struct Line {
    std::string sku;
    int64_t ordered = 0;
    int64_t cancelled = 0;
    int64_t fulfilled = 0;
    int64_t returned = 0;
    // Picked, and to be put back: neither cancelled nor gone until the location answers.
    int64_t cancel_requested = 0;
    // Of the fulfilled.
    int64_t return_requested = 0;

    // Of which nothing is decided.
    int64_t open() const { return ordered - cancelled - fulfilled - cancel_requested; }
  };
  std::string external_id;
  // By line id.
  std::map<std::string, Line> lines;
};

struct ExpectedReturn {
  std::string order_id;
  bool received = false;
  // Goods without a known sale.
  bool unmatched = false;
};

struct ExpectedStock {
  int64_t on_hand = 0;
  int64_t unusable = 0;
};

// SKU and location.
using StockKey = std::pair<std::string, std::string>;

struct Expected {
  // By id.
  std::map<std::string, ExpectedReservation> reservations;
  std::map<std::string, ExpectedOrder> orders;
  std::map<std::string, ExpectedReturn> returns;
  // The last state that was acknowledged, by task id.
  std::map<std::string, orders::v1::Task::State> tasks;
  std::map<StockKey, ExpectedStock> stock;
  // Requests that were refused, by what they would have made.
  std::set<std::string> refused_owners;
  std::set<std::string> refused_external_ids;
  // In words: answers that cannot all be true.
  std::vector<std::string> twice;
  // In words: refusals and errors that a correct server does not give.
  std::vector<std::string> unexpected;
  // Exchanges that have no answer.
  int64_t unanswered = 0;
};

// A SKU that there is always enough of, wherever it is sold online: who asks for nothing else is
// not refused for want of stock, whatever has just been killed or restarted.
inline constexpr char kPlenty[] = "plenty";
// The same of "own-3", which client 3 alone orders, and only what it has just received.
inline constexpr char kOwnPrefix[] = "own-";

Expected Expect(const std::vector<const Journal*>& journals);

}  // namespace quartermaster::crash

#endif  // QUARTERMASTER_TESTS_FAULT_EXPECTED_H_
