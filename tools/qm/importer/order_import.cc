// Orders: consecutive lines of one channel and external id are one order.
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "quartermaster/orders/v1/orders.grpc.pb.h"
#include "tools/qm/context.h"
#include "tools/qm/importer/field_reader.h"
#include "tools/qm/importer/import_kind.h"

namespace quartermaster::qm {
namespace {

namespace ordersv1 = ::quartermaster::orders::v1;

// What the server takes in one order.
constexpr size_t kLinesMax = 2'000;
constexpr size_t kChannel = 0;
constexpr size_t kExternalId = 1;

// One order; its rows stand or fall together.
class OrderCall : public ImportCall {
 public:
  OrderCall(ordersv1::OrderService::Stub* stub, std::chrono::milliseconds timeout, size_t rows)
      : stub_(stub), timeout_(timeout), rows_(rows) {}

  ordersv1::PlaceOrderRequest& request() { return request_; }

  void Start(std::function<void(const grpc::Status&)> done) override {
    call_ = std::make_unique<grpc::ClientContext>();
    call_->set_deadline(std::chrono::system_clock::now() + timeout_);
    response_.Clear();
    stub_->async()->PlaceOrder(call_.get(), &request_, &response_, std::move(done));
  }
  void ReadAnswer(std::vector<RowOutcome>& outcomes) override {
    for (size_t i = 0; i < rows_; ++i) outcomes[i].state = RowOutcome::kApplied;
  }
  bool TakeOutInvalid(const ErrorReport& /*error*/, std::vector<RowOutcome>&) override {
    return false;
  }

 private:
  ordersv1::OrderService::Stub* const stub_;
  const std::chrono::milliseconds timeout_;
  const size_t rows_;
  ordersv1::PlaceOrderRequest request_;
  ordersv1::PlaceOrderResponse response_;
  std::unique_ptr<grpc::ClientContext> call_;
};

class OrderImport : public ImportKind {
 public:
  explicit OrderImport(Context& context)
      : stub_(context.Stub<ordersv1::OrderService>()), timeout_(context.settings().timeout) {}

  std::string_view name() const override { return "orders"; }
  const std::vector<Column>& columns() const override {
    static const auto* const kColumns = new std::vector<Column>{
        {"channel", true}, {"external_id", true}, {"customer_ref"},  {"method", true},
        {"country"},       {"postal_area"},       {"latitude"},      {"longitude"},
        {"location_id"},   {"sku", true},         {"quantity", true}};
    return *kColumns;
  }

  // A row without an external id is an order of its own.
  bool Joins(const std::vector<ImportRow>& rows, const ImportRow& row) const override {
    const ImportRow& first = rows.front();
    // One more than an order may have, so that Prepare sees that there are too many.
    return rows.size() <= kLinesMax && !row.fields[kExternalId].empty() &&
           first.fields[kExternalId] == row.fields[kExternalId] &&
           first.fields[kChannel] == row.fields[kChannel];
  }

  std::unique_ptr<ImportCall> Prepare(const std::vector<ImportRow>& rows,
                                      const std::string& request_id,
                                      std::vector<RowOutcome>& outcomes) override {
    if (IsTooLong(rows)) {
      for (RowOutcome& outcome : outcomes) {
        if (outcome.state == RowOutcome::kPending) {
          outcome.Reject(absl::StrCat("its order has more than ", kLinesMax, " lines"));
        }
      }
      return nullptr;
    }
    auto call = std::make_unique<OrderCall>(stub_.get(), timeout_, rows.size());
    ordersv1::PlaceOrderRequest& request = call->request();
    request.set_request_id(request_id);
    request.mutable_attribution()->set_reason_code("IMPORT");
    groups_.clear();
    bool good = true;
    int64_t bad_line = 0;
    for (size_t i = 0; i < rows.size(); ++i) {
      if (outcomes[i].state == RowOutcome::kPending) {
        FieldReader fields(rows[i], columns());
        AddLine(fields, request);
        if (!fields.problem().empty()) outcomes[i].Reject(fields.problem());
      }
      if (outcomes[i].state == RowOutcome::kRejected && good) {
        good = false;
        bad_line = rows[i].first_line;
      }
    }
    if (good) return call;
    for (RowOutcome& outcome : outcomes) {
      if (outcome.state == RowOutcome::kPending) {
        outcome.Reject(absl::StrCat("line ", bad_line, " of the same order is rejected"));
      }
    }
    return nullptr;
  }

 private:
  // Also for the rest of an order whose first lines were too many.
  bool IsTooLong(const std::vector<ImportRow>& rows) {
    auto order = std::make_pair(rows[0].fields[kChannel], rows[0].fields[kExternalId]);
    if (rows.size() > kLinesMax) too_long_ = order;
    return !order.second.empty() && order == too_long_;
  }

  // Lines that travel together share a group.
  void AddLine(FieldReader& fields, ordersv1::PlaceOrderRequest& request) {
    request.set_channel_id(fields.Id("channel"));
    request.set_external_id(fields.Has("external_id") ? fields.Id("external_id") : "");
    const std::string customer = fields.Text("customer_ref");
    if (!request.customer_ref().empty() && request.customer_ref() != customer) {
      fields.Problem("customer_ref", "differs from the line before it in the same order");
    }
    request.set_customer_ref(customer);
    if (!fields.Has("method")) fields.Problem("method", "is empty");
    const int method = fields.Enum("method", routing::v1::Method_descriptor());
    const std::string country = fields.Text("country");
    const std::string postal_area = fields.Text("postal_area");
    const std::string location = fields.Text("location_id");
    const bool has_point = fields.Has("latitude") || fields.Has("longitude");
    const double latitude = has_point ? fields.Degrees("latitude", 90) : 0;
    const double longitude = has_point ? fields.Degrees("longitude", 180) : 0;
    const auto key =
        std::make_tuple(method, country, postal_area, has_point, latitude, longitude, location);
    const auto [found, added] = groups_.emplace(key, request.groups_size());
    if (added) {
      ordersv1::PlaceGroup* group = request.add_groups();
      group->set_method(static_cast<routing::v1::Method>(method));
      group->set_location_id(location);
      if (has_point) {
        group->mutable_destination()->mutable_point()->set_latitude(latitude);
        group->mutable_destination()->mutable_point()->set_longitude(longitude);
      }
      if (!country.empty()) group->mutable_destination()->set_country_code(country);
      if (!postal_area.empty()) group->mutable_destination()->set_postal_area(postal_area);
    }
    ordersv1::PlaceLine* line = request.mutable_groups(found->second)->add_lines();
    line->set_sku(fields.Id("sku"));
    line->set_quantity(fields.Int32("quantity", 0));
    if (line->quantity() <= 0) fields.Problem("quantity", "is not 1 or more");
  }

  using GroupKey = std::tuple<int, std::string, std::string, bool, double, double, std::string>;

  const std::unique_ptr<ordersv1::OrderService::Stub> stub_;
  const std::chrono::milliseconds timeout_;
  // Channel and external id of the latest order that was too long.
  std::pair<std::string, std::string> too_long_;
  // Of the order that is being made: the index of its group.
  std::map<GroupKey, int> groups_;
};

}  // namespace

std::unique_ptr<ImportKind> NewOrderImport(Context& context) {
  return std::make_unique<OrderImport>(context);
}

}  // namespace quartermaster::qm
