#include "services/stock/rpc/stock_requests.h"

#include <charconv>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/runtime/page_token.h"
#include "services/runtime/rpc_error.h"
#include "services/stock/domain/availability.h"
#include "services/stock/rpc/kit_requests.h"
#include "services/stock/rpc/request_fields.h"
#include "services/stock/rpc/stock_replies.h"

namespace quartermaster::stock {
namespace {

using google::protobuf::RepeatedPtrField;
using runtime::FieldChecker;
using runtime::FieldPath;
using runtime::Presence;

constexpr Micros kTtlMin = Seconds(1);
constexpr Micros kTtlMax = Hours(30 * 24);
constexpr Micros kTtlDefault = Seconds(15 * 60);
constexpr int kPoolLocationsMax = 10'000;

// The number below `size` that the text is, as it is printed; -1: none.
int IndexOf(std::string_view text, int size) {
  int index = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  const bool is_number = error == std::errc() && end == text.data() + text.size() &&
                         (text.size() == 1 || text[0] > '0');
  return is_number && index >= 0 && index < size ? index : -1;
}

void CheckLines(const char* field, const RepeatedPtrField<v1::ReserveLine>& lines, int lines_min,
                FieldChecker& check) {
  check.Size(field, lines.size(), lines_min, kLinesMax);
  if (lines.size() > kLinesMax) return;
  for (int i = 0; i < lines.size() && !check.full(); ++i) {
    const v1::ReserveLine& line = lines[i];
    const FieldPath path(field, i);
    check.Id({path, "line_id"}, line.line_id(), Presence::kOptional);
    check.Id({path, "sku"}, line.sku());
    check.Range({path, "quantity"}, line.quantity(), 1, kMaxLineQuantity.units());
    if (line.has_wait_until()) check.Timestamp({path, "wait_until"}, line.wait_until());
    switch (line.source_case()) {
      case v1::ReserveLine::kLocationId:
        check.Id({path, "location_id"}, line.location_id());
        break;
      case v1::ReserveLine::kPoolId:
        check.Id({path, "pool_id"}, line.pool_id());
        break;
      case v1::ReserveLine::kChannelId:
        check.Id({path, "channel_id"}, line.channel_id());
        break;
      case v1::ReserveLine::SOURCE_NOT_SET:
        check.Add({path, "source"}, "needs a location_id, a pool_id or a channel_id");
        break;
    }
  }
  CheckLineIds(
      field, lines.size(), [&](int i) -> const std::string& { return lines[i].line_id(); }, check);
  CheckGroups(field, lines, check);
}

// `resolved` must be where the command will be decided. Lines that are for no channel by themselves
// are `channel_id`'s, if anybody set it.
auto LineResolver(const RepeatedPtrField<v1::ReserveLine>& lines, const std::string& channel_id,
                  HoldLines& resolved) {
  return [&lines, &channel_id, &resolved](const Inventory& inventory) {
    bool all_known = true;
    const ChannelIndex sold_through =
        channel_id.empty() ? ChannelIndex::kNone : inventory.channel_names.Find(channel_id);
    resolved.clear();
    resolved.reserve(static_cast<size_t>(lines.size()));
    for (const v1::ReserveLine& line : lines) {
      HoldLine& in = resolved.emplace_back();
      in.line_id = line.line_id();
      in.sku = inventory.skus.Find(line.sku());
      in.quantity = Quantity(line.quantity());
      if (line.has_wait_until()) in.wait_until = runtime::InstantOf(line.wait_until());
      in.from_pool = line.source_case() == v1::ReserveLine::kPoolId;
      in.for_channel = line.source_case() == v1::ReserveLine::kChannelId;
      in.channel = sold_through;
      if (in.from_pool) {
        in.pool = inventory.pool_names.Find(line.pool_id());
      } else if (in.for_channel) {
        in.channel = inventory.channel_names.Find(line.channel_id());
      } else {
        in.location = inventory.locations.Find(line.location_id());
      }
      all_known = all_known && in.sku != SkuIndex::kNone &&
                  (in.pool != PoolIndex::kNone || in.location != LocationIndex::kNone ||
                   (in.for_channel && in.channel != ChannelIndex::kNone));
    }
    NumberGroups(lines, resolved);
    return all_known;
  };
}

void CheckParts(const RepeatedPtrField<v1::ReservationPart>& parts, FieldChecker& check) {
  check.Size("parts", parts.size(), 0, kLinesMax);
  for (int i = 0; i < parts.size() && i < kLinesMax && !check.full(); ++i) {
    const FieldPath path("parts", i);
    check.Id({path, "line_id"}, parts[i].line_id());
    check.Id({path, "location_id"}, parts[i].location_id(), Presence::kOptional);
    check.Range({path, "quantity"}, parts[i].quantity(), 1, kMaxLineQuantity.units());
    check.Id({path, "component_sku"}, parts[i].component_sku(), Presence::kOptional);
  }
}

auto PartResolver(const RepeatedPtrField<v1::ReservationPart>& parts,
                  std::vector<LinePart>& resolved) {
  return [&parts, &resolved](const Inventory& inventory) {
    bool all_known = true;
    resolved.clear();
    for (const v1::ReservationPart& part : parts) {
      const LocationIndex location = inventory.locations.Find(part.location_id());
      const bool anywhere = part.location_id().empty();
      all_known = all_known && (anywhere || location != LocationIndex::kNone);
      const SkuIndex component = inventory.skus.Find(part.component_sku());
      const bool of_part = !part.component_sku().empty();
      all_known = all_known && (!of_part || component != SkuIndex::kNone);
      resolved.push_back(
          {part.line_id(), anywhere, location, Quantity(part.quantity()), of_part, component});
    }
    return all_known;
  };
}

}  // namespace

void CheckLineIds(const char* field, int size,
                  const std::function<const std::string&(int)>& line_id, FieldChecker& check) {
  check.Unique(field, "line_id", size, line_id);
  for (int i = 0; i < size && !check.full(); ++i) {
    const int other = IndexOf(line_id(i), size);
    if (other >= 0 && line_id(other).empty()) {
      check.Add({FieldPath(field, i), "line_id"}, "is the index of a line without an id");
    }
  }
}

ReservationId ReservationIdOf(std::string_view id) {
  int64_t number = 0;
  if (id.size() < 2 || id[0] != 'r' || id[1] == '0') return ReservationId::kNone;
  const auto [end, error] = std::from_chars(id.data() + 1, id.data() + id.size(), number);
  const bool whole = error == std::errc() && end == id.data() + id.size() && number > 0;
  return whole ? ReservationId{number} : ReservationId::kNone;
}

std::string ReservationName(ReservationId id) {
  return absl::StrCat("r", static_cast<int64_t>(id));
}

void Parse(const v1::ReserveRequest& request, const StockView& view, FieldChecker& check,
           StockSubmission& submission) {
  CheckMutation(request, check);
  check.Id("owner_id", request.owner_id());
  const std::string& takes_over = request.takes_over_reservation_id();
  if (check.Id("takes_over_reservation_id", takes_over, Presence::kOptional)) {
    check.True("takes_over_reservation_id",
               takes_over.empty() || ReservationIdOf(takes_over) != ReservationId::kNone,
               "is not a reservation's id");
  }
  if (request.has_ttl()) check.Duration("ttl", request.ttl(), kTtlMin, kTtlMax);
  CheckLines("lines", request.lines(), 1, check);
  check.Id("customer_id", request.customer_id(), Presence::kOptional);
  check.Id("channel_id", request.channel_id(), Presence::kOptional);
  if (!check.ok()) return;
  ReserveStock& command = submission.command.emplace<ReserveStock>();
  command.owner = request.owner_id();
  command.ttl = request.has_ttl() ? runtime::MicrosOf(request.ttl()) : kTtlDefault;
  command.allow_partial = request.allow_partial();
  command.takes_over = ReservationIdOf(takes_over);
  if (request.has_attribution()) command.attribution = ToAttribution(request.attribution());
  command.customer = request.customer_id();
  ResolveNames(view, submission,
               LineResolver(request.lines(), request.channel_id(), command.lines));
}

void Parse(const v1::UpdateReservationRequest& request, const StockView& view, FieldChecker& check,
           StockSubmission& submission) {
  CheckMutation(request, check);
  check.Id("reservation_id", request.reservation_id());
  if (request.has_ttl()) check.Duration("ttl", request.ttl(), kTtlMin, kTtlMax);
  CheckLines("lines", request.lines(), 1, check);
  check.Id("channel_id", request.channel_id(), Presence::kOptional);
  if (!check.ok()) return;
  UpdateReservation& command = submission.command.emplace<UpdateReservation>();
  command.reservation = ReservationIdOf(request.reservation_id());
  if (request.has_ttl()) command.ttl = runtime::MicrosOf(request.ttl());
  command.attribution = ToAttribution(request.attribution());
  ResolveNames(view, submission,
               LineResolver(request.lines(), request.channel_id(), command.lines));
}

void Parse(const v1::ExtendReservationRequest& request, const StockView&, FieldChecker& check,
           StockSubmission& submission) {
  CheckMutation(request, check);
  check.Id("reservation_id", request.reservation_id());
  if (check.Required("ttl", request.has_ttl())) {
    check.Duration("ttl", request.ttl(), kTtlMin, kTtlMax);
  }
  if (!check.ok()) return;
  submission.command =
      ExtendReservation{ReservationIdOf(request.reservation_id()), runtime::MicrosOf(request.ttl()),
                        ToAttribution(request.attribution())};
}

void Parse(const v1::ConfirmReservationRequest& request, const StockView& view, FieldChecker& check,
           StockSubmission& submission) {
  CheckMutation(request, check);
  check.Id("reservation_id", request.reservation_id());
  CheckLines("rehold_lines", request.rehold_lines(), 0, check);
  check.Id("owner_id", request.owner_id(),
           request.rehold_lines().empty() ? Presence::kOptional : Presence::kRequired);
  check.Id("customer_id", request.customer_id(), Presence::kOptional);
  check.Id("channel_id", request.channel_id(), Presence::kOptional);
  if (!check.ok()) return;
  ConfirmReservation& command = submission.command.emplace<ConfirmReservation>();
  command.reservation = ReservationIdOf(request.reservation_id());
  command.owner = request.owner_id();
  command.attribution = ToAttribution(request.attribution());
  command.customer = request.customer_id();
  ResolveNames(view, submission,
               LineResolver(request.rehold_lines(), request.channel_id(), command.rehold_lines));
}

void Parse(const v1::BindReservationRequest& request, const StockView& view, FieldChecker& check,
           StockSubmission& submission) {
  CheckMutation(request, check);
  check.Id("reservation_id", request.reservation_id());
  check.Size("lines", request.lines_size(), 1, kLinesMax);
  for (int i = 0; i < request.lines_size() && i < kLinesMax && !check.full(); ++i) {
    const v1::BindReservationRequest::Line& line = request.lines(i);
    const FieldPath path("lines", i);
    check.Id({path, "line_id"}, line.line_id());
    check.Size({path, "placements"}, line.placements_size(), 1, kLinesMax);
    for (int j = 0; j < line.placements_size() && !check.full(); ++j) {
      const FieldPath placement(path, "placements", j);
      check.Id({placement, "location_id"}, line.placements(j).location_id());
      check.Range({placement, "quantity"}, line.placements(j).quantity(), 1,
                  kMaxLineQuantity.units());
    }
    check.Unique(path, "placements", "location_id", line.placements_size(),
                 [&](int j) -> const std::string& { return line.placements(j).location_id(); });
  }
  // Of a kit's line, each part may be placed by itself.
  std::vector<std::string> named;
  named.reserve(static_cast<size_t>(request.lines_size()));
  for (const v1::BindReservationRequest::Line& line : request.lines()) {
    named.push_back(absl::StrCat(line.line_id(), "/", line.component_sku()));
  }
  check.Unique("lines", "line_id", request.lines_size(),
               [&](int i) -> const std::string& { return named[static_cast<size_t>(i)]; });
  if (!check.ok()) return;
  BindReservation& command = submission.command.emplace<BindReservation>();
  command.reservation = ReservationIdOf(request.reservation_id());
  command.attribution = ToAttribution(request.attribution());
  ResolveNames(view, submission, [&request, &command](const Inventory& inventory) {
    bool all_known = true;
    command.lines.clear();
    for (const v1::BindReservationRequest::Line& line : request.lines()) {
      BindReservation::Line& in = command.lines.emplace_back();
      in.line_id = line.line_id();
      in.of_part = !line.component_sku().empty();
      in.part = inventory.skus.Find(line.component_sku());
      all_known = all_known && (!in.of_part || in.part != SkuIndex::kNone);
      for (const v1::Reservation::Placement& p : line.placements()) {
        const LocationIndex location = inventory.locations.Find(p.location_id());
        all_known = all_known && location != LocationIndex::kNone;
        in.placements.push_back({location, Quantity(p.quantity())});
      }
    }
    return all_known;
  });
}

void Parse(const v1::ReleaseReservationRequest& request, const StockView& view, FieldChecker& check,
           StockSubmission& submission) {
  CheckMutation(request, check);
  check.Id("reservation_id", request.reservation_id());
  CheckParts(request.parts(), check);
  if (!check.ok()) return;
  ReleaseReservation& command = submission.command.emplace<ReleaseReservation>();
  command.reservation = ReservationIdOf(request.reservation_id());
  command.missing = request.missing();
  command.attribution = ToAttribution(request.attribution());
  ResolveNames(view, submission, PartResolver(request.parts(), command.parts));
}

void Parse(const v1::FulfilReservationRequest& request, const StockView& view, FieldChecker& check,
           StockSubmission& submission) {
  CheckMutation(request, check);
  check.Id("reservation_id", request.reservation_id());
  CheckParts(request.parts(), check);
  CheckTold(request, check);
  if (!check.ok()) return;
  FulfilReservation& command = submission.command.emplace<FulfilReservation>();
  command.reservation = ReservationIdOf(request.reservation_id());
  command.attribution = ToAttribution(request.attribution());
  FillTold(request, command);
  ResolveNames(view, submission, PartResolver(request.parts(), command.parts));
}

void Parse(const v1::SetPoolRequest& request, const StockView& view, FieldChecker& check,
           StockSubmission& submission) {
  CheckMutation(request, check);
  check.Id("pool_id", request.pool_id());
  check.Size("location_ids", request.location_ids_size(), 1, kPoolLocationsMax);
  for (int i = 0; i < request.location_ids_size() && !check.full(); ++i) {
    check.Id(FieldPath("location_ids", i), request.location_ids(i));
  }
  check.Unique("location_ids", "", request.location_ids_size(),
               [&](int i) -> const std::string& { return request.location_ids(i); });
  if (!check.ok()) return;
  SetPool& command = submission.command.emplace<SetPool>();
  command.pool = request.pool_id();
  command.attribution = ToAttribution(request.attribution());
  ResolveNames(view, submission, [&request, &command](const Inventory& inventory) {
    bool all_known = true;
    command.locations.clear();
    for (const std::string& id : request.location_ids()) {
      command.locations.push_back(inventory.locations.Find(id));
      all_known = all_known && command.locations.back() != LocationIndex::kNone;
    }
    return all_known;
  });
}

void Parse(const v1::ChangeConditionRequest& request, const StockView& view, FieldChecker& check,
           StockSubmission& submission) {
  CheckMutation(request, check);
  check.Id("sku", request.sku());
  check.Id("location_id", request.location_id());
  check.Enum("from", request.from(), v1::Adjustment::Condition_IsValid);
  if (check.Enum("to", request.to(), v1::Adjustment::Condition_IsValid)) {
    check.True("to", request.from() != request.to(), "must differ from `from`");
  }
  check.Range("quantity", request.quantity(), 1, kMaxLineQuantity.units());
  if (!check.ok()) return;
  ChangeCondition& command = submission.command.emplace<ChangeCondition>();
  command.from = static_cast<Condition>(request.from());
  command.to = static_cast<Condition>(request.to());
  command.quantity = Quantity(request.quantity());
  command.attribution = ToAttribution(request.attribution());
  ResolveNames(view, submission, [&request, &command](const Inventory& inventory) {
    command.sku = inventory.skus.Find(request.sku());
    command.location = inventory.locations.Find(request.location_id());
    return command.sku != SkuIndex::kNone && command.location != LocationIndex::kNone;
  });
}

std::optional<int64_t> CheckEtag(const std::string& etag, FieldChecker& check) {
  if (etag.empty()) return std::nullopt;
  storage::Position version = 0;
  check.True("etag", ParsePositionToken(etag, version), "is not an etag");
  return version;
}

void Parse(const v1::SetChannelRequest& request, const StockView& view, FieldChecker& check,
           StockSubmission& submission) {
  CheckMutation(request, check);
  check.Id("channel_id", request.channel_id());
  check.Id("pool_id", request.pool_id());
  check.Enum("demand_class", request.demand_class(), v1::DemandClass_IsValid, Presence::kOptional);
  check.Range("buffer", request.buffer(), 0, kMaxLineQuantity.units());
  const std::optional<int64_t> version = CheckEtag(request.etag(), check);
  if (!check.ok()) return;
  SetChannel& command = submission.command.emplace<SetChannel>();
  command.channel = request.channel_id();
  command.demand = request.demand_class() == v1::TILL ? Demand::kTill : Demand::kOnline;
  command.buffer = Quantity(request.buffer());
  command.expected_version = version;
  command.attribution = ToAttribution(request.attribution());
  ResolveNames(view, submission, [&request, &command](const Inventory& inventory) {
    command.pool = inventory.pool_names.Find(request.pool_id());
    return command.pool != PoolIndex::kNone;
  });
}

void Parse(const v1::SetAllotmentRequest& request, const StockView& view, FieldChecker& check,
           StockSubmission& submission) {
  CheckMutation(request, check);
  check.Id("channel_id", request.channel_id());
  check.Id("sku", request.sku());
  check.Range("quota", request.quota(), 0, kMaxLineQuantity.units());
  check.Range("cap", request.cap(), 0, kMaxLineQuantity.units());
  check.Range("customer_cap", request.customer_cap(), 0, kMaxLineQuantity.units());
  const std::optional<int64_t> version = CheckEtag(request.etag(), check);
  if (!check.ok()) return;
  SetAllotment& command = submission.command.emplace<SetAllotment>();
  if (request.has_quota()) command.terms.quota = Quantity(request.quota());
  if (request.has_cap()) command.terms.cap = Quantity(request.cap());
  if (request.has_customer_cap()) command.terms.customer_cap = Quantity(request.customer_cap());
  command.terms.borrows = request.borrows();
  command.new_window = request.new_window();
  command.expected_version = version;
  command.attribution = ToAttribution(request.attribution());
  ResolveNames(view, submission, [&request, &command](const Inventory& inventory) {
    command.sku = inventory.skus.Find(request.sku());
    command.channel = inventory.channel_names.Find(request.channel_id());
    return command.sku != SkuIndex::kNone && command.channel != ChannelIndex::kNone;
  });
}

void Parse(const v1::SetStockPolicyRequest& request, const StockView& view, FieldChecker& check,
           StockSubmission& submission) {
  CheckMutation(request, check);
  check.Id("sku", request.sku(), Presence::kOptional);
  check.Id("location_id", request.location_id(), Presence::kOptional);
  check.Range("safety_stock", request.safety_stock(), 0, kMaxLineQuantity.units());
  const std::optional<int64_t> version = CheckEtag(request.etag(), check);
  if (!check.ok()) return;
  SetStockPolicy& command = submission.command.emplace<SetStockPolicy>();
  command.of_sku = !request.sku().empty();
  command.of_location = !request.location_id().empty();
  if (request.has_safety_stock()) command.safety_stock = Quantity(request.safety_stock());
  command.expected_version = version;
  command.attribution = ToAttribution(request.attribution());
  ResolveNames(view, submission, [&request, &command](const Inventory& inventory) {
    command.sku = inventory.skus.Find(request.sku());
    command.location = inventory.locations.Find(request.location_id());
    return (!command.of_sku || command.sku != SkuIndex::kNone) &&
           (!command.of_location || command.location != LocationIndex::kNone);
  });
}

void Parse(const v1::GetReservationRequest& request, const StockView&, FieldChecker& check,
           StockSubmission& submission) {
  check.Id("reservation_id", request.reservation_id());
  if (!check.ok()) return;
  submission.command = GetReservation{ReservationIdOf(request.reservation_id())};
}

void Parse(const v1::ListReservationsRequest& request, const StockView&, FieldChecker& check,
           StockSubmission& submission) {
  check.Id("owner_id", request.owner_id(), Presence::kOptional);
  check.Enum("state", request.state(), v1::Reservation::State_IsValid, Presence::kOptional);
  check.Range("page_size", request.page_size(), 0, kPageSizeMax);
  if (!check.ok()) return;
  ListReservations& query = submission.command.emplace<ListReservations>();
  query.owner = request.owner_id();
  if (request.state() != v1::Reservation::STATE_UNSPECIFIED) {
    query.state = static_cast<ReservationState>(request.state());
  }
  query.after = static_cast<ReservationId>(runtime::PageAfter(request).value_or(0));
  query.limit = PageSizeOf(request.page_size());
}

namespace {

void CheckDelta(const v1::Adjustment& a, FieldChecker& check) {
  const bool decreases =
      a.kind() == v1::Adjustment::SOLD || a.kind() == v1::Adjustment::TRANSFERRED_OUT;
  const bool increases =
      a.kind() == v1::Adjustment::RECEIVED || a.kind() == v1::Adjustment::RETURNED ||
      a.kind() == v1::Adjustment::TRANSFERRED_IN || a.kind() == v1::Adjustment::CONDITION_CHANGED;
  const int64_t max = kMaxLineQuantity.units();
  check.Range("delta", a.delta(), decreases || !increases ? -max : 1, decreases ? -1 : max);
  check.True("delta", a.delta() != 0 || decreases || increases, "must not be 0");
}

v1::Adjustment::Condition ConditionOf(const v1::Adjustment& a) {
  return a.condition() == v1::Adjustment::CONDITION_UNSPECIFIED ? v1::Adjustment::SELLABLE
                                                                : a.condition();
}

// The paths are within the one adjustment; the caller puts "adjustments[i]" before them.
void CheckAdjustment(const v1::Adjustment& a, FieldChecker& check) {
  check.Id("sku", a.sku());
  check.Id("location_id", a.location_id());
  check.Enum("kind", a.kind(), v1::Adjustment::Kind_IsValid);
  check.Enum("condition", a.condition(), v1::Adjustment::Condition_IsValid, Presence::kOptional);
  if (a.kind() != v1::Adjustment::CONDITION_CHANGED) {
    check.True("from_condition", a.from_condition() == v1::Adjustment::CONDITION_UNSPECIFIED,
               "needs the kind CONDITION_CHANGED");
  } else if (check.Enum("from_condition", a.from_condition(), v1::Adjustment::Condition_IsValid)) {
    check.True("from_condition", a.from_condition() != ConditionOf(a), "is what they become");
  }
  check.Text("effect_key", a.effect_key(), kEffectKeyMax);
  if (a.has_business_time()) check.Timestamp("business_time", a.business_time());
  if (a.has_message()) {
    check.True("message", !a.has_compare_and_set(), "cannot be combined with compare_and_set");
    CheckMessage(a.message(), check);
  }
  switch (a.change_case()) {
    case v1::Adjustment::kDelta:
      CheckDelta(a, check);
      break;
    case v1::Adjustment::kCompareAndSet: {
      const int64_t max = kMaxLineQuantity.units();
      check.Range("compare_and_set.expected", a.compare_and_set().expected(), -max, max);
      check.Range("compare_and_set.value", a.compare_and_set().value(), 0, max);
      check.True("kind", a.kind() == v1::Adjustment::COUNTED, "must be COUNTED to set a value");
      check.True("condition", a.condition() <= v1::Adjustment::SELLABLE,
                 "must be SELLABLE to set a value");
      break;
    }
    case v1::Adjustment::CHANGE_NOT_SET:
      check.Add("change", "needs a delta or a compare_and_set");
      break;
  }
}

Adjustment ToAdjustment(const v1::Adjustment& from) {
  Adjustment to;
  to.sku = from.sku();
  to.location = from.location_id();
  to.kind = static_cast<AdjustmentKind>(from.kind());
  to.delta = Quantity(from.delta());
  to.compare_and_set = from.has_compare_and_set();
  to.expected = Quantity(from.compare_and_set().expected());
  to.value = Quantity(from.compare_and_set().value());
  to.condition = static_cast<Condition>(ConditionOf(from));
  to.from_condition = static_cast<Condition>(from.from_condition());
  to.effect_key = from.effect_key();
  to.message = ToMessage(from.message());
  if (from.has_business_time()) to.business_time = runtime::InstantOf(from.business_time());
  return to;
}

}  // namespace

void CheckMessage(const v1::SourceMessage& message, FieldChecker& check) {
  check.Id("message.source", message.source());
  check.Range("message.sequence", message.sequence(), 0, kSequenceMax);
  check.Text("message.message_id", message.message_id(), 128);
  check.True("message.message_id", message.sequence() > 0 || !message.message_id().empty(),
             "is required without a sequence");
}

SourceMessage ToMessage(const v1::SourceMessage& from) {
  return {from.source(), from.sequence(), from.message_id()};
}

void ParseFacts(const v1::AdjustStockRequest& request, FieldChecker& check,
                std::vector<std::optional<runtime::RpcError>>& errors,
                StockSubmission& submission) {
  CheckMutation(request, check);
  check.Size("adjustments", request.adjustments_size(), 1, kLinesMax);
  if (!check.ok()) return;
  const Attribution attribution = ToAttribution(request.attribution());
  for (int i = 0; i < request.adjustments_size(); ++i) {
    FieldChecker item;
    CheckAdjustment(request.adjustments(i), item);
    if (item.ok()) {
      errors.emplace_back();
      submission.facts.push_back({ToAdjustment(request.adjustments(i)), attribution});
      continue;
    }
    runtime::RpcError error = item.error();
    for (runtime::FieldViolation& violation : error.mutable_details().fields) {
      violation.field = absl::StrCat("adjustments[", i, "].", violation.field);
    }
    errors.push_back(std::move(error));
  }
}

void CheckKeys(const RepeatedPtrField<v1::AvailabilityKey>& keys, int keys_min,
               FieldChecker& check) {
  check.Size("keys", keys.size(), keys_min, kKeysMax);
  for (int i = 0; i < keys.size() && i < kKeysMax && !check.full(); ++i) {
    const FieldPath path("keys", i);
    check.Id({path, "sku"}, keys[i].sku());
    switch (keys[i].place_case()) {
      case v1::AvailabilityKey::kLocationId:
        check.Id({path, "location_id"}, keys[i].location_id());
        break;
      case v1::AvailabilityKey::kPoolId:
        check.Id({path, "pool_id"}, keys[i].pool_id());
        break;
      case v1::AvailabilityKey::kChannelId:
        check.Id({path, "channel_id"}, keys[i].channel_id());
        break;
      case v1::AvailabilityKey::PLACE_NOT_SET:
        check.Add({path, "place"}, "needs a location_id, a pool_id or a channel_id");
        break;
    }
  }
}

bool ResolveKeys(const RepeatedPtrField<v1::AvailabilityKey>& keys, const Inventory& inventory,
                 std::vector<StockKey>& resolved) {
  bool all_known = true;
  resolved.clear();
  for (const v1::AvailabilityKey& key : keys) {
    StockKey& in = resolved.emplace_back();
    in.sku = inventory.skus.Find(key.sku());
    in.from_pool = key.place_case() == v1::AvailabilityKey::kPoolId;
    in.for_channel = key.place_case() == v1::AvailabilityKey::kChannelId;
    in.pool = inventory.pool_names.Find(key.pool_id());
    in.location = inventory.locations.Find(key.location_id());
    in.channel = inventory.channel_names.Find(key.channel_id());
    all_known = all_known && !FindUnknownName(inventory, in);
  }
  return all_known;
}

std::optional<runtime::RpcError> TooManyPositions(const std::vector<StockKey>& resolved,
                                                  const Inventory& inventory) {
  size_t positions = 0;
  for (const StockKey& key : resolved) {
    const PoolIndex pool = PoolOf(inventory, key);
    const size_t places = pool == PoolIndex::kNone ? 1 : inventory.PoolAt(pool).locations.size();
    VisitParts(inventory.kits, key.sku, [&](SkuIndex, int64_t) { positions += places; });
  }
  if (positions <= kPositionsPerCutMax) return std::nullopt;
  return runtime::InvalidField("keys", absl::StrCat("are ", positions, " SKUs at locations, over ",
                                                    kPositionsPerCutMax, ": ask in parts"));
}

}  // namespace quartermaster::stock
