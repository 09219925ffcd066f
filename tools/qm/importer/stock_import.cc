// Stock: signed changes of on hand.
#include <memory>
#include <string>
#include <utility>

#include "quartermaster/stock/v1/stock.grpc.pb.h"
#include "tools/qm/context.h"
#include "tools/qm/importer/batch_call.h"
#include "tools/qm/importer/field_reader.h"
#include "tools/qm/importer/import_kind.h"

namespace quartermaster::qm {
namespace {

namespace v1 = ::quartermaster::stock::v1;

// Constant for ever: the rows of a request, and so its id, must not depend on the version of qm.
constexpr size_t kRowsPerRequest = 1'000;

struct StockTraits {
  using Stub = v1::StockService::Stub;
  using Request = v1::AdjustStockRequest;
  using Response = v1::AdjustStockResponse;
  static auto& Entries(Request& request) { return *request.mutable_adjustments(); }
  static void Send(Stub* stub, grpc::ClientContext* context, const Request* request,
                   Response* response, std::function<void(const grpc::Status&)> done) {
    stub->async()->AdjustStock(context, request, response, std::move(done));
  }
  static bool Unchanged(const v1::AdjustStockResponse::Result& result) {
    return result.duplicate();
  }
};

class StockImport : public ImportKind {
 public:
  explicit StockImport(Context& context)
      : stub_(context.Stub<v1::StockService>()), timeout_(context.settings().timeout) {}

  std::string_view name() const override { return "stock"; }
  const std::vector<Column>& columns() const override {
    static const auto* const kColumns = new std::vector<Column>{
        {"sku", true}, {"location_id", true}, {"quantity", true}, {"effect_key"}};
    return *kColumns;
  }

  bool Joins(const std::vector<ImportRow>& rows, const ImportRow& /*row*/) const override {
    return rows.size() < kRowsPerRequest;
  }

  std::unique_ptr<ImportCall> Prepare(const std::vector<ImportRow>& rows,
                                      const std::string& request_id,
                                      std::vector<RowOutcome>& outcomes) override {
    auto call = std::make_unique<BatchCall<StockTraits>>(stub_.get(), timeout_);
    call->request().set_request_id(request_id);
    call->request().mutable_attribution()->set_reason_code("IMPORT");
    for (size_t i = 0; i < rows.size(); ++i) {
      if (outcomes[i].state != RowOutcome::kPending) continue;
      FieldReader fields(rows[i], columns());
      v1::Adjustment adjustment;
      adjustment.set_sku(fields.Id("sku"));
      adjustment.set_location_id(fields.Id("location_id"));
      if (!fields.Has("quantity")) fields.Problem("quantity", "is empty");
      const int32_t quantity = fields.Int32("quantity", 0);
      adjustment.set_delta(quantity);
      adjustment.set_kind(quantity > 0 ? v1::Adjustment::RECEIVED : v1::Adjustment::COUNTED);
      adjustment.set_effect_key(fields.Text("effect_key"));
      if (!fields.problem().empty()) {
        outcomes[i].Reject(fields.problem());
      } else if (quantity == 0) {
        outcomes[i].state = RowOutcome::kUnchanged;
      } else {
        call->Add(i, std::move(adjustment));
      }
    }
    if (call->empty()) return nullptr;
    return call;
  }

 private:
  const std::unique_ptr<v1::StockService::Stub> stub_;
  const std::chrono::milliseconds timeout_;
};

}  // namespace

std::unique_ptr<ImportKind> NewStockImport(Context& context) {
  return std::make_unique<StockImport>(context);
}

}  // namespace quartermaster::qm
