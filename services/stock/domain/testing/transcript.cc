#include "services/stock/domain/testing/transcript.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/base/check.h"
#include "services/stock/domain/count_reports.h"
#include "services/stock/domain/promise_flow.h"
#include "services/stock/domain/stands.h"
#include "services/stock/domain/testing/shop.h"

namespace quartermaster::stock {
namespace {

using Words = std::vector<std::string>;

std::string NameOf(RejectionKind kind) {
  static const auto* const kNames = new std::map<RejectionKind, const char*>{
      {RejectionKind::kItemNotFound, "item not found"},
      {RejectionKind::kLocationNotFound, "location not found"},
      {RejectionKind::kPoolNotFound, "pool not found"},
      {RejectionKind::kChannelNotFound, "channel not found"},
      {RejectionKind::kCapExceeded, "cap exceeded"},
      {RejectionKind::kCustomerCapExceeded, "customer cap exceeded"},
      {RejectionKind::kReservationNotFound, "reservation not found"},
      {RejectionKind::kMessageToldBefore, "message told before"},
      {RejectionKind::kLineNotFound, "line not found"},
      {RejectionKind::kInsufficientStock, "insufficient stock"},
      {RejectionKind::kReservationExpired, "reservation expired"},
      {RejectionKind::kReservationReleased, "reservation released"},
      {RejectionKind::kReservationReplaced, "reservation replaced"},
      {RejectionKind::kReservationAlreadyConfirmed, "reservation already confirmed"},
      {RejectionKind::kReservationFulfilled, "reservation fulfilled"},
      {RejectionKind::kQuantityExceedsOpen, "quantity exceeds open"},
      {RejectionKind::kExpectationFailed, "expectation failed"},
      {RejectionKind::kEffectKeyReused, "effect key reused"},
      {RejectionKind::kQuantityExceedsCondition, "quantity exceeds condition"},
      {RejectionKind::kVersionChanged, "version changed"},
      {RejectionKind::kKitContainsItself, "kit contains itself"},
      {RejectionKind::kKitTooDeep, "kit too deep"},
      {RejectionKind::kKitTooLarge, "kit too large"},
      {RejectionKind::kSkuHasStock, "SKU has stock"},
      {RejectionKind::kKitHasNoStock, "kit has no stock"},
      {RejectionKind::kKitQuantityTooLarge, "kit quantity too large"},
      {RejectionKind::kGroupTornApart, "group torn apart"},
      {RejectionKind::kSupplyNotFound, "supply not found"},
      {RejectionKind::kSupplyReused, "supply reused"},
      {RejectionKind::kTransferNotFound, "transfer not found"},
      {RejectionKind::kTransferReused, "transfer reused"},
      {RejectionKind::kReservationOfTransfer, "reservation of a transfer"},
      {RejectionKind::kTransferToldBefore, "transfer told of before"},
      {RejectionKind::kMessageReused, "message reused"},
      {RejectionKind::kCountReused, "count reused"},
      {RejectionKind::kCountTooOld, "count too old"}};
  return kNames->at(kind);
}

constexpr const char* kConditionNames[] = {"",           "sellable",   "damaged",
                                           "quarantine", "inspection", "suspect"};

constexpr const char* kCauseNames[] = {"",
                                       "unexplained",
                                       "source gap",
                                       "missing units",
                                       "sold below zero",
                                       "doubtful facts",
                                       "count too old",
                                       "transfer"};
constexpr const char* kTransferStateNames[] = {"",         "REQUESTED", "ALLOCATED", "SHIPPED",
                                               "RECEIVED", "LOST",      "CANCELLED"};
constexpr const char* kCountStateNames[] = {"", "STAGING", "SWITCHING", "APPLIED", "ABANDONED"};

const char* NameOf(DiscrepancyCause cause) { return kCauseNames[static_cast<size_t>(cause)]; }

Condition ConditionNamed(const std::string& name) {
  for (size_t i = 1; i < std::size(kConditionNames); ++i) {
    if (name == kConditionNames[i]) return static_cast<Condition>(i);
  }
  QM_CHECK(false) << "no such condition: " << name;
  return Condition::kNone;
}

const char* NameOf(ReservationState state) {
  static constexpr const char* kNames[] = {"",         "HELD",    "CONFIRMED", "FULFILLED",
                                           "RELEASED", "EXPIRED", "REPLACED"};
  return kNames[static_cast<size_t>(state)];
}

int64_t Number(const std::string& word) {
  char* end = nullptr;
  const int64_t number = std::strtoll(word.c_str(), &end, 10);
  QM_CHECK(!word.empty() && *end == '\0') << "not a number: " << word;
  return number;
}

class Session {
 public:
  Session() : start_(shop_.now()) {}

  std::string Run(const Words& words) {
    words_ = words;
    QM_CHECK(words_.size() >= 2) << "no such command";
    const std::string& verb = words_[0];
    if (verb == "wait") return shop_.Wait(Seconds(Number(words_[1]))), "";
    if (verb == "location") return shop_.Pause(words_[1], words_.size() > 2), "";
    if (verb == "pool") return shop_.Pool(words_[1], {words_.begin() + 2, words_.end()}), "";
    if (verb == "channel") return Channel();
    if (verb == "allot") return Allot();
    if (verb == "allotment") return Allotted();
    if (verb == "kit") return Kit();
    if (verb == "keep") return Keep();
    if (verb == "show") return Show();
    if (verb == "stock") return Stock(words_[1]);
    if (verb == "available") return Available();
    if (verb == "move") return Move();
    if (verb == "told") return Told();
    if (verb == "stage") return Stage();
    if (verb == "transfer") return Transfer();
    if (verb == "ship" || verb == "arrive") return TransferFact(verb == "ship");
    if (verb == "expect") return Expect();
    if (verb == "come") {
      if (words_.at(1)[0] == 'P') return Come();
    }
    if (verb == "cancel") return TellSupply(CancelSupply{words_[1], {}, {}});
    if (verb == "by") return AvailableBy();
    if (verb == "close") return TellTransfer(CloseTransfer{words_[1], {}});
    if (verb == "list") return words_[1] == "sources" ? Sources() : Differences();
    if (words_.size() >= 4 && verb != "reserve" && verb != "update" && verb[0] != 'b' &&
        words_[1][0] != 'r') {
      return RunFact(verb);
    }
    return Tell(shop_.Do(verb == "reserve" ? Reserve() : OnReservation(verb)));
  }

 private:
  // The value of "name=value"; takes the word out.
  std::optional<std::string> Option(const std::string& name) {
    for (size_t i = 1; i < words_.size(); ++i) {
      if (words_[i].rfind(name, 0) != 0) continue;
      std::string value = words_[i].substr(name.size());
      words_.erase(words_.begin() + static_cast<ptrdiff_t>(i));
      return value;
    }
    return std::nullopt;
  }
  static ReservationId Id(const std::string& word) {
    return static_cast<ReservationId>(Number(word.substr(1)));
  }
  HoldLines Lines() {
    HoldLines lines;
    const bool together = Option("together").has_value();
    const auto until = Option("until=");
    for (size_t i = 2; i < words_.size(); ++i) {
      const size_t colon = words_[i].find(':');
      const size_t place = words_[i].find_first_of("@~^");
      QM_CHECK(colon != std::string::npos && place != std::string::npos) << words_[i];
      const std::string sku = words_[i].substr(0, colon);
      const int64_t quantity = Number(words_[i].substr(colon + 1, place - colon - 1));
      const std::string name = words_[i].substr(place + 1);
      const char kind = words_[i][place];
      lines.push_back(kind == '@'   ? shop_.At(sku, quantity, name)
                      : kind == '~' ? shop_.From(sku, quantity, name)
                                    : shop_.For(sku, quantity, name));
      if (together) lines.back().group = 1;
      if (until) lines.back().wait_until = At(*until);
    }
    return lines;
  }
  std::vector<LinePart> Parts() {
    std::vector<LinePart> parts;
    for (size_t i = 2; i < words_.size(); ++i) {
      const Words place = absl::StrSplit(words_[i], '@');
      const Words line = absl::StrSplit(place[0], ':');
      LinePart& part = parts.emplace_back();
      const Words of = absl::StrSplit(line[0], '/');
      part.line_id = of[0];
      part.of_part = of.size() > 1;
      if (part.of_part) part.part = shop_.Sku(of[1]);
      part.quantity = Quantity(Number(line.at(1)));
      part.any_location = place.size() == 1;
      if (!part.any_location) part.location = shop_.Location(place[1]);
    }
    return parts;
  }

  Command Reserve() {
    const auto ttl = Option("ttl=");
    const auto over = Option("over=");
    const auto customer = Option("of=");
    const bool partial = Option("partial").has_value();
    ReserveStock command = shop_.Reserve(words_[1], Lines(), ttl ? Seconds(Number(*ttl)) : kTtl);
    command.allow_partial = partial;
    if (over) command.takes_over = Id(*over);
    if (customer) command.customer = *customer;
    return command;
  }
  Command OnReservation(const std::string& verb) {
    const ReservationId id = Id(words_[1]);
    if (verb == "update") {
      const auto ttl = Option("ttl=");
      UpdateReservation command{id, Lines(), {}, {}};
      if (ttl) command.ttl = Seconds(Number(*ttl));
      return command;
    }
    if (verb == "extend") return ExtendReservation{id, Seconds(Number(words_.at(2))), {}};
    if (verb == "confirm") {
      const std::string owner = Option("owner=").value_or("");
      return ConfirmReservation{id, Lines(), owner, {}};
    }
    if (verb == "bind") {
      const Words of = absl::StrSplit(words_.at(2), '/');
      BindReservation command{id, {{of[0], {}}}, {}};
      command.lines[0].of_part = of.size() > 1;
      if (of.size() > 1) command.lines[0].part = shop_.Sku(of[1]);
      for (size_t i = 3; i < words_.size(); ++i) {
        const Words place = absl::StrSplit(words_[i], ':');
        command.lines[0].placements.push_back(
            {shop_.Location(place[0]), Quantity(Number(place.at(1)))});
      }
      return command;
    }
    if (verb == "fulfil") return FulfilReservation{id, Parts(), {}};
    QM_CHECK(verb == "release" || verb == "missing") << "no such command: " << verb;
    return ReleaseReservation{id, Parts(), verb == "missing", {}};
  }

  // A request; `moved` is the fact.
  std::string Move() {
    const Decision decision = shop_.Do(ChangeCondition{shop_.Sku(words_[1]),
                                                       shop_.Location(words_.at(2)),
                                                       ConditionNamed(words_.at(4)),
                                                       ConditionNamed(words_.at(5)),
                                                       Quantity(Number(words_.at(3))),
                                                       {}});
    if (decision.rejection) return Refusal(*decision.rejection);
    return absl::StrCat(Position(words_[1], words_[2]), "\n");
  }

  std::string RunFact(const std::string& verb) {
    const std::string& sku = words_[1];
    const std::string& location = words_[2];
    AdjustStock fact = Shop::Fact(AdjustmentKind::kReceived, sku, location, Number(words_[3]));
    Adjustment& a = fact.adjustment;
    if (verb == "return" || verb == "damage") a.kind = AdjustmentKind::kReturned;
    if (verb == "damage") a.condition = Condition::kDamaged;
    if (verb == "sell") a.kind = AdjustmentKind::kSold;
    if (verb == "sell") a.delta = -a.delta;
    if (verb == "count" || verb == "set" || verb == "lost") a.kind = AdjustmentKind::kCounted;
    if (verb == "lost") a.condition = Condition::kSuspect;
    if (verb == "lost") a.delta = -a.delta;
    if (verb == "set") {
      a.compare_and_set = true;
      a.expected = Quantity(Number(words_[3]));
      a.value = Quantity(Number(words_.at(4)));
    } else if (verb == "moved") {
      a.kind = AdjustmentKind::kConditionChanged;
      a.from_condition = ConditionNamed(words_.at(4));
      a.condition = ConditionNamed(words_.at(5));
      if (words_.size() > 6) a.effect_key = words_[6];
    } else if (verb == "come" || verb == "scrap") {
      a.kind = verb == "come" ? AdjustmentKind::kReturned : AdjustmentKind::kCounted;
      if (verb == "scrap") a.delta = -a.delta;
      a.condition = ConditionNamed(words_.at(4));
    } else if (words_.size() > 4) {
      a.effect_key = words_[4];
    }
    a.message = std::exchange(message_, {});
    const size_t before = shop_.log().size();
    const Decision decision = shop_.Do(fact);
    if (decision.rejection) return Refusal(*decision.rejection);
    return absl::StrCat(decision.duplicate  ? "duplicate; "
                        : decision.in_count ? "in the count; "
                                            : "",
                        Position(sku, location), "\n", Moves(), News(before));
  }

  // A fact in a message: told SOURCE NUMBER FACT...
  std::string Told() {
    message_ = {words_[1], Number(words_.at(2)), ""};
    words_.erase(words_.begin(), words_.begin() + 3);
    return RunFact(words_.at(0));
  }

  // stage COUNT SOURCE [ago=SECONDS] [doubt=SECONDS] [has=SOURCE:NUMBER] [full=LOCATION]
  // [part=N/M] SKU:QUANTITY@LOCATION...
  std::string Stage() {
    StageCount count = shop_.CountOf(words_[1], {});
    if (const auto ago = Option("ago=")) count.taken = count.taken - Seconds(Number(*ago));
    if (const auto doubt = Option("doubt=")) count.doubt = Seconds(Number(*doubt));
    if (const auto location = Option("full=")) count.full_at = {*location};
    if (const auto has = Option("has=")) {
      const Words mark = absl::StrSplit(*has, ':');
      count.watermarks = {{mark[0], Number(mark.at(1))}};
    }
    if (const auto part = Option("part=")) {
      const Words of = absl::StrSplit(*part, '/');
      count.part = static_cast<int>(Number(of[0]));
      count.parts = static_cast<int>(Number(of.at(1)));
    }
    count.source = words_.at(2);
    for (size_t i = 3; i < words_.size(); ++i) {
      const Words place = absl::StrSplit(words_[i], '@');
      const Words row = absl::StrSplit(place[0], ':');
      count.rows.push_back({row[0], place.at(1), Quantity(Number(row.at(1))), {}});
    }
    const size_t before = shop_.log().size();
    const Decision decision = shop_.Do(count);
    if (decision.rejection) return Refusal(*decision.rejection);
    const CountStatus status = ReportCount(shop_.state(), decision.count);
    std::string text = absl::StrCat(decision.duplicate ? "duplicate; " : "", "count ", status.id,
                                    ", ", kCountStateNames[static_cast<size_t>(status.state)], " ",
                                    status.parts_staged, "/", status.parts, ": ", status.differing,
                                    " of ", status.positions, " differ");
    if (status.superseded > 0) absl::StrAppend(&text, ", superseded ", status.superseded);
    if (status.doubtful > 0) absl::StrAppend(&text, ", doubtful ", status.doubtful);
    return absl::StrCat(text, "\n", News(before));
  }

  // A time of the session, in seconds from its start.
  Instant At(const std::string& seconds) const { return start_ + Seconds(Number(seconds)); }
  // expect ID SKU:QUANTITY@LOCATION DUE [rev=N]
  std::string Expect() {
    const auto revision = Option("rev=");
    const Words place = absl::StrSplit(words_.at(2), '@');
    const Words goods = absl::StrSplit(place[0], ':');
    return TellSupply(ExpectSupply{words_[1],
                                   revision ? Number(*revision) : 1,
                                   {{"1", shop_.Sku(goods[0]), shop_.Location(place.at(1)),
                                     Quantity(Number(goods.at(1))), At(words_.at(3))}},
                                   {}});
  }
  // come ID QUANTITY [CONDITION] [last]
  std::string Come() {
    const bool last = Option("last").has_value();
    ReceiveSupply::Line line{.line_id = "1", .quantity = Quantity(Number(words_.at(2)))};
    if (words_.size() > 3) line.condition = ConditionNamed(words_[3]);
    line.last = last;
    return TellSupply(ReceiveSupply{words_[1], {line}, {}});
  }
  std::string TellSupply(const Command& command) {
    const size_t before = shop_.log().size();
    const Decision decision = shop_.Do(command);
    if (decision.rejection) return Refusal(*decision.rejection);
    const SupplyReport report = ReportSupply(shop_.state(), decision.supply);
    std::string text = decision.duplicate ? "nothing new; " : "";
    for (const SupplyReport::Line& line : report.lines) {
      absl::StrAppend(&text, report.id, ": ", line.sku, " ", line.quantity.units(), " to ",
                      line.location, " at ", (line.due - start_).count / 1'000'000, " s, received ",
                      line.received.units(), ", to come ", line.open.units(), "\n");
    }
    for (const SupplyReport::Late& late : report.late) {
      absl::StrAppend(&text, "  ", late.late.units(), " of r",
                      static_cast<int64_t>(late.reservation), " line ", late.line_id, " for ",
                      late.owner, " not there by ", (late.needed_by - start_).count / 1'000'000,
                      " s\n");
    }
    return text + Served(before);
  }
  std::string Served(size_t before) {
    std::string text;
    for (size_t i = before; i < shop_.log().size(); ++i) {
      const auto* served = std::get_if<WaitersServed>(&shop_.log()[i].event);
      if (served == nullptr) continue;
      for (const WaitersServed::Units& units : served->units) {
        absl::StrAppend(&text, "  ", units.quantity.units(), " of r",
                        static_cast<int64_t>(units.reservation), " line ", units.line,
                        " have come to ", shop_.state().locations.Name(units.location), "\n");
      }
    }
    return text;
  }
  // by SKU PLACE SECONDS
  std::string AvailableBy() {
    const std::string& place = words_.at(2);
    StockKey key{.sku = shop_.Sku(words_[1])};
    key.from_pool = place[0] == '~';
    if (key.from_pool) {
      key.pool = shop_.state().pool_names.Find(place.substr(1));
    } else {
      key.location = shop_.Location(place);
    }
    Offer offer(shop_.state());
    AvailabilityFigures figures = FindAvailability(shop_.state(), offer, key);
    FindAvailabilityBy(shop_.state(), offer, key, At(words_.at(3)), {}, figures);
    return absl::StrCat(figures.available_by.units(), " by then, ", figures.available.units(),
                        " now, ", figures.expected.units(), " to come, ", figures.waiting.units(),
                        " wait\n");
  }

  // transfer ID FROM TO SKU:QUANTITY[=RESERVATION/LINE]...
  std::string Transfer() {
    TransferStock command = shop_.Transfer(words_[1], words_.at(2), words_.at(3), {});
    for (size_t i = 4; i < words_.size(); ++i) {
      const Words order = absl::StrSplit(words_[i], '=');
      const Words goods = absl::StrSplit(order[0], ':');
      TransferStock::Line& line = command.lines.emplace_back();
      line.sku = shop_.Sku(goods[0]);
      line.quantity = Quantity(Number(goods.at(1)));
      if (order.size() == 1) continue;
      const Words of = absl::StrSplit(order[1], '/');
      line.of_order = true;
      line.reservation = Id(of[0]);
      line.reservation_line = of.at(1);
    }
    return TellTransfer(command);
  }
  // ship|arrive ID SKU:QUANTITY[@CONDITION][#EFFECT]... [last]
  std::string TransferFact(bool ships) {
    const bool last = Option("last").has_value();
    std::vector<TransferFactLine> lines;
    for (size_t i = 2; i < words_.size(); ++i) {
      const Words effect = absl::StrSplit(words_[i], '#');
      const Words condition = absl::StrSplit(effect[0], '@');
      const Words goods = absl::StrSplit(condition[0], ':');
      TransferFactLine& line = lines.emplace_back();
      line.sku = goods[0];
      line.quantity = Quantity(Number(goods.at(1)));
      if (condition.size() > 1) line.condition = ConditionNamed(condition[1]);
      if (effect.size() > 1) line.effect_key = effect[1];
    }
    if (ships) return TellTransfer(ShipTransfer{words_[1], "", "", lines, last, {}});
    return TellTransfer(ReceiveTransfer{words_[1], "", "", lines, last, {}});
  }
  std::string TellTransfer(const Command& command) {
    const size_t before = shop_.log().size();
    const Decision decision = shop_.Do(command);
    if (decision.rejection) return Refusal(*decision.rejection);
    const TransferReport report = ReportTransfer(shop_.state(), decision.transfer);
    std::string text = absl::StrCat(decision.duplicate ? "duplicate; " : "", report.id, " from ",
                                    report.from, " to ", report.to, ", ",
                                    kTransferStateNames[static_cast<size_t>(report.state)], ":");
    for (const TransferReport::Line& line : report.lines) {
      absl::StrAppend(&text, " ", line.sku, " ", line.quantity.units());
      const auto add = [&](const char* what, Quantity units) {
        if (!units.IsZero()) absl::StrAppend(&text, ", ", what, " ", units.units());
      };
      add("allocated", line.allocated);
      add("in transit", line.in_transit());
      add("received", line.received);
      add("of them damaged", line.damaged);
      add("presumed", line.presumed);
      add("lost", line.lost);
      text += ";";
    }
    text.back() = '\n';
    return text + Moves() + News(before);
  }

  std::string Sources() {
    std::string text;
    for (const SourceReport& source : ReportSources(shop_.state(), {}).sources) {
      absl::StrAppend(&text, source.name, " at ", source.last_sequence);
      for (const SequenceGap& gap : source.gaps) {
        absl::StrAppend(&text, ", misses ", gap.first, " to ", gap.last);
      }
      if (source.last_count) absl::StrAppend(&text, ", last count ", source.last_count->id);
      text += "\n";
    }
    return text;
  }
  std::string Differences() {
    std::string text;
    for (const DifferenceReport& d : ReportDifferences(shop_.state(), {}).differences) {
      absl::StrAppend(&text, d.sku, " at ", d.location);
      if (!d.variance.IsZero()) {
        absl::StrAppend(&text, ": ", d.variance.units(), " found by ", d.count_id, " of ", d.source,
                        ", ", NameOf(d.cause));
      }
      if (d.recount) absl::StrAppend(&text, "; a count is asked for: ", NameOf(d.recount_cause));
      text += "\n";
    }
    return text.empty() ? "nothing differs\n" : text;
  }
  // What else was logged since: alarms, requests for counts, and what a count found.
  std::string News(size_t before) {
    std::string text;
    for (size_t i = before; i < shop_.log().size(); ++i) {
      const Event& event = shop_.log()[i].event;
      if (const auto* opened = std::get_if<SourceGapOpened>(&event)) {
        absl::StrAppend(&text, "  alarm: ", shop_.state().sources.names.Name(opened->source),
                        " misses ", opened->gap.first, " to ", opened->gap.last, "\n");
      } else if (const auto* closed = std::get_if<SourceGapsClosed>(&event)) {
        absl::StrAppend(&text, "  ", shop_.state().sources.names.Name(closed->source),
                        " misses nothing any more\n");
      } else if (const auto* asked = std::get_if<CountRequested>(&event)) {
        absl::StrAppend(&text, "  a count of ", shop_.state().skus.Name(asked->sku), " at ",
                        shop_.state().locations.Name(asked->location),
                        " is asked for: ", NameOf(asked->cause), "\n");
      } else if (const auto* counted = std::get_if<StockCounted>(&event)) {
        for (const StockCounted::Line& line : counted->lines) {
          absl::StrAppend(&text, "  counted ", line.counted.units(), ", differs by ",
                          line.variance.units(), "; ",
                          Position(shop_.state().skus.Name(counted->sku),
                                   shop_.state().locations.Name(line.location)),
                          "\n");
        }
      }
    }
    return text;
  }

  std::string Channel() {
    const auto buffer = Option("buffer=");
    const bool till = words_.size() > 3 && words_[3] == "till";
    shop_.Channel(words_[1], words_.at(2), till ? Demand::kTill : Demand::kOnline,
                  buffer ? Number(*buffer) : 0);
    return "";
  }
  std::string Allot() {
    AllotmentTerms terms;
    const auto limit = [&](const char* option, std::optional<Quantity>& units) {
      if (const auto value = Option(option)) units = Quantity(Number(*value));
    };
    limit("quota=", terms.quota);
    limit("cap=", terms.cap);
    limit("each=", terms.customer_cap);
    const auto has = [&](const char* word) {
      return std::find(words_.begin(), words_.end(), word) != words_.end();
    };
    terms.borrows = has("borrows");
    shop_.Allot(words_[1], words_.at(2), terms, has("anew"));
    return "";
  }
  std::string Allotted() {
    const stock::Allotment* const allotment = shop_.AllotmentOf(words_[1], words_.at(2));
    if (allotment == nullptr) return "none\n";
    return absl::StrCat("open ", allotment->open.units(), ", sold ", allotment->sold.units(), "\n");
  }
  // kit SKU [whole] COMPONENT:COUNT...
  std::string Kit() {
    DefineKit command;
    command.same_location = Option("whole").has_value();
    command.sku = shop_.Sku(words_[1]);
    for (size_t i = 2; i < words_.size(); ++i) {
      const Words component = absl::StrSplit(words_[i], ':');
      command.components.push_back({shop_.Sku(component[0]), Number(component.at(1))});
    }
    const Decision decision = shop_.Do(command);
    if (decision.rejection) {
      return absl::StrCat("refused: ", NameOf(decision.rejection->kind), "\n");
    }
    std::string text = words_[1];
    const char* separator = " is ";
    VisitParts(shop_.state().kits, command.sku, [&](SkuIndex part, int64_t count) {
      absl::StrAppend(&text, separator, count, " ", shop_.state().skus.Name(part));
      separator = ", ";
    });
    return text + "\n";
  }
  std::string Keep() {
    const auto name = [](const std::string& word) { return word == "*" ? "" : word; };
    const std::string& units = words_.at(3);
    const auto quantity = units == "-" ? std::nullopt : std::optional(Number(units));
    shop_.KeepBack(name(words_[1]), name(words_[2]), quantity);
    return Moves();
  }
  std::string Position(const std::string& sku, const std::string& location) {
    const Balances b = shop_.BalancesOf(sku, location);
    std::string text = absl::StrCat(sku, " at ", location, ": on hand ", b.on_hand.units());
    if (!b.reserved.IsZero()) absl::StrAppend(&text, ", reserved ", b.reserved.units());
    if (!b.allocated.IsZero()) absl::StrAppend(&text, ", allocated ", b.allocated.units());
    const ConditionCounts conditions =
        shop_.state().conditions.Get(shop_.Sku(sku), shop_.Location(location));
    for (const Condition c : kUnusableConditions) {
      if (conditions.of(c).IsZero()) continue;
      absl::StrAppend(&text, ", ", kConditionNames[static_cast<size_t>(c)], " ",
                      conditions.of(c).units());
    }
    absl::StrAppend(&text, ", available ", b.available().units());
    if (shop_.InTransit(sku, location) > 0) {
      absl::StrAppend(&text, ", in transit ", shop_.InTransit(sku, location));
    }
    if (!b.shortage().IsZero()) absl::StrAppend(&text, ", short ", b.shortage().units());
    return text;
  }
  std::string Stock(const std::string& sku) {
    std::string text;
    const SkuPositions* positions = shop_.state().positions.Find(shop_.Sku(sku));
    QM_CHECK(positions != nullptr);
    for (const SkuPositions::Entry& entry : *positions) {
      absl::StrAppend(&text, Position(sku, shop_.state().locations.Name(entry.location)), "\n");
    }
    return text;
  }
  std::string Available() {
    const std::string& place = words_.at(2);
    return absl::StrCat(place[0] == '~'   ? shop_.AvailableInPool(words_[1], place.substr(1))
                        : place[0] == '^' ? shop_.AvailableFor(words_[1], place.substr(1))
                                          : shop_.Available(words_[1], place),
                        "\n");
  }
  std::string Show() {
    shop_.Do(GetReservation{Id(words_[1])});
    return Describe(shop_.Get(Id(words_[1])));
  }

  std::string Describe(const Reservation& r) {
    std::string text =
        absl::StrCat("r", static_cast<int64_t>(r.id), " for ", r.owner, ", ", NameOf(r.state));
    if (r.state == ReservationState::kHeld) {
      absl::StrAppend(&text, " until ", (r.expires - start_).count / 1'000'000, " s");
    }
    if (r.replaced_by != ReservationId::kNone) {
      absl::StrAppend(&text, " by r", static_cast<int64_t>(r.replaced_by));
    }
    Stands stands(shop_.state(), r);
    for (size_t i = 0; i < r.lines.size(); ++i) {
      const ReservationLine& line = r.lines[i];
      absl::StrAppend(&text, i == 0 ? ": " : "; ");
      absl::StrAppend(&text, HasBundles(r) ? line.line_id : absl::StrCat(i), " ");
      if (line.kit != SkuIndex::kNone) {
        absl::StrAppend(&text, shop_.state().skus.Name(line.kit), "/");
      }
      absl::StrAppend(&text, shop_.state().skus.Name(line.sku), " ", line.quantity.units());
      if (line.fulfilled.IsPositive()) absl::StrAppend(&text, " gone ", line.fulfilled.units());
      if (line.released.IsPositive()) absl::StrAppend(&text, " back ", line.released.units());
      if (line.missing.IsPositive()) absl::StrAppend(&text, " missing ", line.missing.units());
      if (line.waiting.IsPositive()) {
        absl::StrAppend(&text, " waiting ", line.waiting.units(), " until ",
                        (line.needed_by - start_).count / 1'000'000, " s");
      }
      if (line.late.IsPositive()) absl::StrAppend(&text, " late ", line.late.units());
      if (line.in_transit.IsPositive()) {
        absl::StrAppend(&text, " in transit ", line.in_transit.units());
      }
      if (line.uncovered.IsPositive()) {
        absl::StrAppend(&text, " uncovered ", line.uncovered.units());
      }
      // Of a flexible line: where its units may be said to stand.
      const Placements places = line.flexible() ? stands.Next(line) : line.placements;
      const char* separator = line.flexible() ? " (for now " : " (";
      for (const Placement& p : places) {
        absl::StrAppend(&text, separator, shop_.state().locations.Name(p.location), " ",
                        p.quantity.units());
        separator = ", ";
      }
      if (!places.empty()) text += ")";
    }
    return text + "\n";
  }
  std::string Short(const std::vector<ShortLine>& lines) {
    std::string text;
    for (const ShortLine& line : lines) {
      absl::StrAppend(&text, "  line ", line.line, " asks ", line.asked.units(), ", available ",
                      line.available.units());
      if (line.sku != SkuIndex::kNone && line.location == LocationIndex::kNone) {
        absl::StrAppend(&text, " for want of ", shop_.state().skus.Name(line.sku));
      }
      text += "\n";
    }
    return text;
  }
  std::string Refusal(const Rejection& rejection) {
    std::string text = absl::StrCat("refused: ", NameOf(rejection.kind));
    if (rejection.kind == RejectionKind::kQuantityExceedsCondition) {
      absl::StrAppend(&text, ", asked ", rejection.expected.units(), ", there are ",
                      rejection.actual.units());
    }
    if (rejection.kind == RejectionKind::kExpectationFailed) {
      absl::StrAppend(&text, ", expected ", rejection.expected.units(), ", found ",
                      rejection.actual.units());
    }
    return absl::StrCat(text, "\n", Short(rejection.short_lines));
  }
  // What moved in the last command, and who goes without since, or no longer does.
  std::string Moves() {
    std::string text;
    for (size_t i = shop_.log().size() - shop_.last_events(); i < shop_.log().size(); ++i) {
      const Event& event = shop_.log()[i].event;
      if (const auto* uncovered = std::get_if<UnitsUncovered>(&event)) {
        absl::StrAppend(&text, List(uncovered->units, "is uncovered"));
      }
      if (const auto* covered = std::get_if<UnitsCovered>(&event)) {
        absl::StrAppend(&text, List(covered->units, "is covered"));
      }
      if (const auto* group = std::get_if<GroupMoved>(&event)) {
        absl::StrAppend(&text, "  r", static_cast<int64_t>(group->reservation), " moves to");
        for (const Placement& p : group->lines.front().placements) {
          absl::StrAppend(&text, " ", shop_.state().locations.Name(p.location));
        }
        text += "\n";
      }
      const auto* moved = std::get_if<BackingMoved>(&event);
      if (moved == nullptr) continue;
      for (const BackingMove& move : moved->moves) {
        absl::StrAppend(&text, "  ", shop_.state().skus.Name(moved->sku), " ",
                        move.quantity.units(), " moves from ",
                        shop_.state().locations.Name(move.from), " to ",
                        shop_.state().locations.Name(move.to), "\n");
      }
    }
    return text;
  }
  std::string List(const std::vector<UncoveredUnits>& list, const char* what) {
    std::string text;
    for (const UncoveredUnits& units : list) {
      absl::StrAppend(&text, "  ", units.quantity.units(), " of r",
                      static_cast<int64_t>(units.reservation), " line ", units.line);
      if (units.location != LocationIndex::kNone) {
        absl::StrAppend(&text, " at ", shop_.state().locations.Name(units.location));
      }
      absl::StrAppend(&text, " ", what, "\n");
    }
    return text;
  }
  std::string Tell(const Decision& decision) {
    if (decision.rejection) return Refusal(*decision.rejection);
    return Describe(shop_.Get(decision.reservation)) + Short(decision.short_lines) + Moves();
  }

  Shop shop_;
  const Instant start_;
  Words words_;
  // Of the next fact.
  SourceMessage message_;
};

}  // namespace

std::string RunTranscript(std::string_view transcript) {
  Session session;
  std::string result;
  const std::string text(transcript);
  for (const absl::string_view view : absl::StrSplit(text, '\n')) {
    const std::string line(view);
    if (line.empty() || line[0] == '#') absl::StrAppend(&result, line, "\n");
    if (line.rfind("> ", 0) != 0) continue;
    absl::StrAppend(&result, line, "\n");
    const Words words = absl::StrSplit(line.substr(2), ' ', absl::SkipEmpty());
    absl::StrAppend(&result, session.Run(words));
  }
  // The last newline ends a line; it does not begin one.
  while (result.size() > 1 && result.compare(result.size() - 2, 2, "\n\n") == 0) result.pop_back();
  return result;
}

}  // namespace quartermaster::stock
