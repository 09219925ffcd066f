// OrdersBooks: orders as an auditor rebuilds them from stored events, written without a look at
// orders' own code.
//
// Where an order's units are, per line:
//   ordered = cancelled + fulfilled + allocated + held_back + confirming + to_route + awaiting
//             + backordered
#ifndef QUARTERMASTER_TOOLS_QM_VERIFY_ORDERS_BOOKS_H_
#define QUARTERMASTER_TOOLS_QM_VERIFY_ORDERS_BOOKS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/node_hash_map.h"
#include "quartermaster/orders/v1/orders.pb.h"

namespace quartermaster::qm {

struct BookedOrder {
  struct Line {
    std::string line_id;
    uint32_t group = 0;
    std::string sku;
    int64_t ordered = 0;
    int64_t allocated = 0;
    // Of confirmed attempts, and not given to their locations: the order is on hold.
    int64_t held_back = 0;
    // Held by an attempt that stock has yet to confirm.
    int64_t confirming = 0;
    // To be routed again.
    int64_t to_route = 0;
    // Nobody has them: an exception must be open.
    int64_t awaiting = 0;
    // What cannot be served waits for stock to come, if the line wishes so.
    bool may_wait = false;
    int64_t backordered = 0;
    int64_t fulfilled = 0;
    int64_t cancelled = 0;
    int64_t return_requested = 0;
    int64_t returned = 0;
    // Of these: something is given back for them.
    int64_t accepted = 0;
    // What all its units come to, and what of it is given back; minor units.
    int64_t total = 0;
    int64_t refundable = 0;

    int64_t bound() const { return allocated + held_back; }
    int64_t unallocated() const { return confirming + to_route + awaiting + backordered; }
    // What `units` of its units have of an amount, the first ones.
    int64_t ShareOf(int64_t amount, int64_t units) const;
  };
  struct Group {
    std::string group_id;
    int method = 0;
    std::string location_id;
  };
  struct Assignment {
    uint32_t line = 0;
    std::string location_id;
    int64_t quantity = 0;
    // Cancelled before stock confirmed, or while held back.
    int64_t dropped = 0;
    int64_t held_back = 0;
  };
  enum class AttemptState { kConfirming, kConfirmed, kFailed };
  struct Attempt {
    int64_t position = 0;
    AttemptState state = AttemptState::kConfirming;
    std::string reservation_id;
    std::vector<Assignment> assignments;
  };
  struct TaskLine {
    uint32_t assignment = 0;
    uint32_t line = 0;
    int64_t quantity = 0;
    int64_t picked = 0;
    int64_t short_picked = 0;
    int64_t fulfilled = 0;
    int64_t cancelled = 0;
    // Of the open ones: the location is asked to put them back.
    int64_t cancel_requested = 0;
    // Shipped after it had been cancelled; and after it had been missing.
    int64_t late = 0;
    int64_t found = 0;

    int64_t open() const { return quantity - short_picked - fulfilled - cancelled - late; }
  };
  struct Task {
    int attempt = 0;
    uint32_t group = 0;
    int method = 0;
    std::string location_id;
    orders::v1::Task::State state = orders::v1::Task::CREATED;
    std::vector<TaskLine> lines;
    // Of a pickup at the counter, in microseconds; 0: never. When it ends, when it is reminded of
    // (0 once it has been), and when it is given up.
    int64_t expire_unix_us = 0;
    int64_t remind_unix_us = 0;
    int64_t give_up_unix_us = 0;
    int extensions = 0;
  };
  // What left a task in one piece.
  struct Parcel {
    int task = 0;
    std::string key;
    std::string carrier;
    std::string tracking_number;
    orders::v1::Parcel::State state = orders::v1::Parcel::SHIPPED;
    // When that state was reached, as far as it is known.
    int64_t since_us = 0;
    // (task line, units)
    std::vector<std::pair<uint32_t, int64_t>> lines;
  };
  // What stock must be told about units of this order; settled once.
  enum class OpKind { kFulfil, kRelease, kReleaseMissing, kSell };
  struct Part {
    // The assignment; for kSell the order's line.
    uint32_t index = 0;
    std::string location_id;
    int64_t quantity = 0;
  };
  struct Op {
    OpKind kind = OpKind::kFulfil;
    int attempt = 0;
    std::vector<Part> parts;
    bool settled = false;
    // The reason, if stock refused.
    std::string refused;
  };

  // A tender, by what was told of it; minor units.
  struct Payment {
    std::string ref;
    // Who hands the goods over collects it.
    bool on_the_spot = false;
    int64_t authorised = 0;
    int64_t captured = 0;
    int64_t voided = 0;
    int64_t refunded = 0;
    // The provider refused: nothing is to be captured any more.
    bool lapsed = false;

    int64_t left() const { return authorised - captured - voided; }
  };
  struct Intent {
    orders::v1::PaymentIntent::Kind kind = orders::v1::PaymentIntent::CAPTURE;
    // Numbered from 1; 0: none.
    int payment = 0;
    int64_t amount = 0;
    orders::v1::PaymentIntent::State state = orders::v1::PaymentIntent::OPEN;
  };

  // Of its first event.
  int64_t position = 0;
  std::string channel_id;
  std::string external_id;
  std::string customer_ref;
  bool has_amounts = false;
  bool prices_include_tax = false;
  std::vector<Group> groups;
  std::vector<Line> lines;
  std::vector<Attempt> attempts;
  std::vector<Task> tasks;
  std::vector<Parcel> parcels;
  // Numbered from 1.
  std::vector<Op> ops;
  // Numbered from 1: those that are open.
  int holds_placed = 0;
  std::map<int, int64_t> open_holds;
  // Some location gave back what was to be shipped, and nobody has asked for another attempt since.
  bool gave_back = false;
  // Open exceptions, by position.
  std::set<int64_t> exceptions;
  // Numbered from 1.
  std::vector<Payment> payments;
  std::vector<Intent> intents;

  // A hold is open, and something of it is left.
  bool OnHold() const;
  orders::v1::Order::State State() const;
  // What of the line cannot be served waits for stock, rather than for a person; `reason`: a
  // peer's.
  bool Waits(const Line& line, std::string_view reason) const;
};

struct BookedReturn {
  struct Line {
    uint32_t line = 0;
    std::string sku;
    int64_t quantity = 0;
    int condition = 0;
    // Of these: to be looked at.
    int64_t to_inspect = 0;
  };
  struct Inspected {
    size_t line = 0;
    int64_t quantity = 0;
    int condition = 0;
    // In another condition than they came in.
    bool moves = false;
  };
  struct Inspection {
    std::vector<Inspected> lines;
    // Stock is to move its units, and has yet to.
    bool open = false;
    // Or it does not: why, or "-" if it does not have the goods.
    std::string refused;
  };
  std::string order_id;
  orders::v1::Return::State state = orders::v1::Return::REQUESTED;
  std::string location_id;
  std::vector<Line> lines;
  std::vector<Inspection> inspections;
  // Its goods came as an unmatched return, which is restocked.
  bool matched = false;
  std::string matched_from;
  // Of an unmatched one that was matched.
  std::string matched_return_id;
  // Received, and stock has yet to take it in.
  bool restock_open = false;
  std::string refused;
};

struct BookedException {
  int kind = 0;
  std::string order_id;
  bool resolved = false;
};

struct OrdersBooks {
  // Of the last record that is in here.
  int64_t position = 0;
  absl::node_hash_map<std::string, BookedOrder> orders;
  absl::node_hash_map<std::string, BookedReturn> returns;
  // By position.
  std::map<int64_t, BookedException> exceptions;
  std::set<std::pair<std::string, std::string>> external_ids;
};

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_VERIFY_ORDERS_BOOKS_H_
