// Items and locations.
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "quartermaster/catalog/v1/catalog.grpc.pb.h"
#include "tools/qm/context.h"
#include "tools/qm/importer/batch_call.h"
#include "tools/qm/importer/field_reader.h"
#include "tools/qm/importer/import_kind.h"
#include "tools/qm/input/opening_hours.h"

namespace quartermaster::qm {
namespace {

namespace catalogv1 = ::quartermaster::catalog::v1;

// Constant for ever: the rows of a request, and so its id, must not depend on the version of qm.
constexpr size_t kRowsPerRequest = 500;

constexpr char kHoursExample[] = "'mon-fri 09:00-18:00'";
constexpr char kSpecialExample[] = "'2026-12-24 09:00-14:00' or '2026-12-25 closed'";

struct ItemTraits {
  using Stub = catalogv1::CatalogService::Stub;
  using Request = catalogv1::PutItemsRequest;
  using Response = catalogv1::PutItemsResponse;
  static auto& Entries(Request& request) { return *request.mutable_items(); }
  static void Send(Stub* stub, grpc::ClientContext* context, const Request* request,
                   Response* response, std::function<void(const grpc::Status&)> done) {
    stub->async()->PutItems(context, request, response, std::move(done));
  }
  static bool Unchanged(const catalogv1::PutResult& result) { return !result.changed(); }
};

struct LocationTraits {
  using Stub = catalogv1::CatalogService::Stub;
  using Request = catalogv1::PutLocationsRequest;
  using Response = catalogv1::PutLocationsResponse;
  static auto& Entries(Request& request) { return *request.mutable_locations(); }
  static void Send(Stub* stub, grpc::ClientContext* context, const Request* request,
                   Response* response, std::function<void(const grpc::Status&)> done) {
    stub->async()->PutLocations(context, request, response, std::move(done));
  }
  static bool Unchanged(const catalogv1::PutResult& result) { return !result.changed(); }
};

// What items and locations have in common: an id that may stand in a file once, since requests
// overtake each other and the last one would win by chance.
template <typename Traits>
class CatalogImport : public ImportKind {
 public:
  explicit CatalogImport(Context& context)
      : stub_(context.Stub<catalogv1::CatalogService>()), timeout_(context.settings().timeout) {}

  bool Joins(const std::vector<ImportRow>& rows, const ImportRow& /*row*/) const override {
    return rows.size() < kRowsPerRequest;
  }

  std::unique_ptr<ImportCall> Prepare(const std::vector<ImportRow>& rows,
                                      const std::string& request_id,
                                      std::vector<RowOutcome>& outcomes) override {
    auto call = std::make_unique<BatchCall<Traits>>(stub_.get(), timeout_);
    call->request().set_request_id(request_id);
    for (size_t i = 0; i < rows.size(); ++i) {
      if (outcomes[i].state != RowOutcome::kPending) continue;
      FieldReader fields(rows[i], columns());
      std::string id;
      auto entry = ReadRow(fields, &id);
      if (!fields.problem().empty()) {
        outcomes[i].Reject(fields.problem());
      } else if (const auto [first, once] = seen_.emplace(id, rows[i].first_line); !once) {
        outcomes[i].Reject(absl::StrCat("repeats line ", first->second));
      } else {
        call->Add(i, std::move(entry));
      }
    }
    if (call->empty()) return nullptr;
    return call;
  }

 protected:
  using Entry = std::remove_cvref_t<
      decltype(std::declval<decltype(Traits::Entries(std::declval<typename Traits::Request&>()))>()
                   .Get(0))>;
  virtual Entry ReadRow(FieldReader& fields, std::string* id) const = 0;

 private:
  const std::unique_ptr<catalogv1::CatalogService::Stub> stub_;
  const std::chrono::milliseconds timeout_;
  std::unordered_map<std::string, int64_t> seen_;
};

class ItemImport : public CatalogImport<ItemTraits> {
 public:
  using CatalogImport::CatalogImport;
  std::string_view name() const override { return "items"; }
  const std::vector<Column>& columns() const override {
    static const auto* const kColumns = new std::vector<Column>{{"sku", true},
                                                                {"title"},
                                                                {"base_unit"},
                                                                {"quantity_scale"},
                                                                {.name = "gtins", .list = true},
                                                                {"weight_g"},
                                                                {"handling_class"},
                                                                {"returnable"},
                                                                {"online"},
                                                                {"status"}};
    return *kColumns;
  }

 private:
  catalogv1::Item ReadRow(FieldReader& fields, std::string* id) const override {
    catalogv1::Item item;
    *id = fields.Id("sku");
    item.set_sku(*id);
    item.set_title(fields.Text("title"));
    item.set_base_unit(fields.Text("base_unit"));
    item.set_quantity_scale(fields.Int32("quantity_scale", 0));
    for (std::string& gtin : fields.List("gtins")) item.add_gtins(std::move(gtin));
    item.set_weight_g(fields.Int32("weight_g", 0));
    item.set_handling_class(fields.Text("handling_class"));
    item.set_returnable(fields.Bool("returnable", true));
    item.set_online(fields.Bool("online", true));
    const int status = fields.Enum("status", catalogv1::Item::Status_descriptor());
    item.set_status(status == 0 ? catalogv1::Item::ACTIVE
                                : static_cast<catalogv1::Item::Status>(status));
    return item;
  }
};

class LocationImport : public CatalogImport<LocationTraits> {
 public:
  using CatalogImport::CatalogImport;
  std::string_view name() const override { return "locations"; }
  const std::vector<Column>& columns() const override {
    static const auto* const kColumns =
        new std::vector<Column>{{"location_id", true},
                                {"title"},
                                {"kind", true},
                                {"latitude", true},
                                {"longitude", true},
                                {"time_zone"},
                                {.name = "capabilities", .list = true},
                                {"paused"},
                                {.name = "opening_hours", .list = true},
                                {.name = "special_days", .list = true}};
    return *kColumns;
  }

 private:
  catalogv1::Location ReadRow(FieldReader& fields, std::string* id) const override {
    catalogv1::Location location;
    *id = fields.Id("location_id");
    location.set_location_id(*id);
    location.set_title(fields.Text("title"));
    if (!fields.Has("kind")) fields.Problem("kind", "is empty");
    location.set_kind(static_cast<catalogv1::Location::Kind>(
        fields.Enum("kind", catalogv1::Location::Kind_descriptor())));
    location.mutable_point()->set_latitude(fields.Degrees("latitude", 90));
    location.mutable_point()->set_longitude(fields.Degrees("longitude", 180));
    location.set_time_zone(fields.Text("time_zone"));
    for (const std::string& capability : fields.List("capabilities")) {
      location.add_capabilities(static_cast<catalogv1::Location::Capability>(
          fields.EnumOf("capabilities", capability, catalogv1::Location::Capability_descriptor())));
    }
    location.set_paused(fields.Bool("paused", false));
    for (const std::string& text : fields.List("opening_hours")) {
      if (!AddOpeningHours(text, &location)) {
        fields.Problem("opening_hours", absl::StrCat("'", text, "' is not like ", kHoursExample));
      }
    }
    for (const std::string& text : fields.List("special_days")) {
      if (!AddSpecialDay(text, &location)) {
        fields.Problem("special_days", absl::StrCat("'", text, "' is not like ", kSpecialExample));
      }
    }
    return location;
  }
};

}  // namespace

std::unique_ptr<ImportKind> NewItemImport(Context& context) {
  return std::make_unique<ItemImport>(context);
}

std::unique_ptr<ImportKind> NewLocationImport(Context& context) {
  return std::make_unique<LocationImport>(context);
}

}  // namespace quartermaster::qm
