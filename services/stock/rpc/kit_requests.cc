#include "services/stock/rpc/kit_requests.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "services/stock/rpc/request_fields.h"
#include "services/stock/rpc/stock_replies.h"
#include "services/stock/rpc/stock_requests.h"

namespace quartermaster::stock {

using google::protobuf::RepeatedPtrField;
using runtime::FieldChecker;
using runtime::FieldPath;

void Parse(const v1::DefineKitRequest& request, const StockView& view, FieldChecker& check,
           StockSubmission& submission) {
  CheckMutation(request, check);
  check.Id("sku", request.sku());
  check.Size("components", request.components_size(), 0, static_cast<int>(kKitPartsMax));
  for (int i = 0; i < request.components_size() && !check.full(); ++i) {
    const FieldPath path("components", i);
    check.Id({path, "sku"}, request.components(i).sku());
    check.Range({path, "count"}, request.components(i).count(), 1, kKitCountMax);
  }
  check.Unique("components", "sku", request.components_size(),
               [&](int i) -> const std::string& { return request.components(i).sku(); });
  const std::optional<int64_t> version = CheckEtag(request.etag(), check);
  if (!check.ok()) return;
  DefineKit& command = submission.command.emplace<DefineKit>();
  command.same_location = request.same_location();
  command.expected_version = version;
  command.attribution = ToAttribution(request.attribution());
  ResolveNames(view, submission, [&request, &command](const Inventory& inventory) {
    command.sku = inventory.skus.Find(request.sku());
    bool all_known = command.sku != SkuIndex::kNone;
    command.components.clear();
    for (const v1::KitComponent& component : request.components()) {
      const SkuIndex sku = inventory.skus.Find(component.sku());
      command.components.push_back({sku, component.count()});
      all_known = all_known && sku != SkuIndex::kNone;
    }
    return all_known;
  });
}

void CheckGroups(const char* field, const RepeatedPtrField<v1::ReserveLine>& lines,
                 FieldChecker& check) {
  absl::flat_hash_map<std::string, int> first_of_group;
  for (int i = 0; i < lines.size() && !check.full(); ++i) {
    const v1::ReserveLine& line = lines[i];
    if (line.same_location_group().empty()) continue;
    const FieldPath path(field, i);
    check.Id({path, "same_location_group"}, line.same_location_group());
    const v1::ReserveLine& first =
        lines[first_of_group.try_emplace(line.same_location_group(), i).first->second];
    const bool same = line.source_case() == first.source_case() &&
                      line.location_id() == first.location_id() &&
                      line.pool_id() == first.pool_id() && line.channel_id() == first.channel_id();
    check.True({path, "same_location_group"}, same, "has lines of another source");
  }
}

void NumberGroups(const RepeatedPtrField<v1::ReserveLine>& lines, HoldLines& resolved) {
  absl::flat_hash_map<std::string, uint32_t> numbers;
  for (int i = 0; i < lines.size(); ++i) {
    const std::string& group = lines[i].same_location_group();
    if (group.empty()) continue;
    const auto next = static_cast<uint32_t>(numbers.size() + 1);
    resolved[static_cast<size_t>(i)].group = numbers.try_emplace(group, next).first->second;
  }
}

std::optional<runtime::RpcError> KitError(const Rejection& rejection,
                                          const v1::DefineKitRequest& request) {
  const int i = rejection.line;
  const std::string field = i < 0 ? "components" : absl::StrCat("components[", i, "]");
  const auto invalid = [&](const char* message) {
    runtime::RpcError error(common::v1::KIT_INVALID, message);
    error.AddField(field, i < 0 ? "a kit that it is in would be so" : message);
    return error;
  };
  switch (rejection.kind) {
    case RejectionKind::kItemNotFound: {
      const std::string& name = i < 0 ? request.sku() : request.components(i).sku();
      runtime::RpcError error = runtime::NotFound(common::v1::ITEM_NOT_FOUND, "item", name);
      error.AddField(i < 0 ? "sku" : absl::StrCat(field, ".sku"), "is not registered");
      return error;
    }
    case RejectionKind::kKitContainsItself:
      return invalid("it would contain itself");
    case RejectionKind::kKitTooDeep:
      return invalid("it would have more than 8 tiers");
    case RejectionKind::kKitTooLarge:
      return invalid("it would have too many parts, or be in too many kits");
    case RejectionKind::kSkuHasStock: {
      runtime::RpcError error(common::v1::SKU_HAS_STOCK, "has stock, or is promised, as itself");
      error.SetResource("item", request.sku());
      return error;
    }
    default:
      return std::nullopt;
  }
}

bool RenderKit(const Inventory& inventory, SkuIndex sku, v1::Kit& out) {
  const Kit* const kit = inventory.kits.Find(sku);
  if (kit == nullptr) return false;
  const auto add = [&](const KitParts& parts, RepeatedPtrField<v1::KitComponent>& to) {
    to.Clear();
    for (const KitPart& part : parts) {
      v1::KitComponent& component = *to.Add();
      component.set_sku(inventory.skus.Name(part.sku));
      component.set_count(part.count);
    }
  };
  out.set_sku(inventory.skus.Name(sku));
  out.set_same_location(kit->same_location);
  out.set_etag(PositionToken(kit->version));
  add(kit->components, *out.mutable_components());
  add(kit->parts, *out.mutable_parts());
  return true;
}

void SumUpKit(const std::string& kit, v1::Reservation::Line& out) {
  out.set_sku(kit);
  bool first = true;
  for (const v1::Reservation::Line& part : out.components()) {
    const int64_t each = part.per_kit();
    const auto least = [&](int64_t before, int64_t units) {
      return first ? units / each : std::min(before, units / each);
    };
    out.set_quantity(least(out.quantity(), part.quantity()));
    out.set_open(least(out.open(), part.open()));
    out.set_fulfilled(least(out.fulfilled(), part.fulfilled()));
    out.set_released(least(out.released(), part.released()));
    out.set_missing(least(out.missing(), part.missing()));
    // As soon as one part of it lacks, it is not there to be had.
    out.set_uncovered(std::max(out.uncovered(), (part.uncovered() + each - 1) / each));
    first = false;
  }
}

}  // namespace quartermaster::stock
