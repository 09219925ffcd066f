// Stock: signed changes of on hand, of units in one condition.
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "quartermaster/stock/v1/stock.grpc.pb.h"
#include "services/base/gtin.h"
#include "tools/qm/context.h"
#include "tools/qm/importer/batch_call.h"
#include "tools/qm/importer/field_reader.h"
#include "tools/qm/importer/gtin_index.h"
#include "tools/qm/importer/import_kind.h"

namespace quartermaster::qm {
namespace {

namespace stockv1 = ::quartermaster::stock::v1;

// Constant for ever: the rows of a request, and so its id, must not depend on the version of qm.
constexpr size_t kRowsPerRequest = 1'000;

// Ids of requests are forgotten some day, effects never are: the same file again changes nothing
// whenever that is. Constant for ever, too.
std::string EffectKeyOf(std::string_view request_id, int64_t line) {
  return absl::StrCat(std::string(request_id.substr(0, request_id.rfind('/') + 1)), line);
}

struct StockTraits {
  using Stub = stockv1::StockService::Stub;
  using Request = stockv1::AdjustStockRequest;
  using Response = stockv1::AdjustStockResponse;
  static auto& Entries(Request& request) { return *request.mutable_adjustments(); }
  static void Send(Stub* stub, grpc::ClientContext* context, const Request* request,
                   Response* response, std::function<void(const grpc::Status&)> done) {
    stub->async()->AdjustStock(context, request, response, std::move(done));
  }
  static bool Unchanged(const stockv1::AdjustStockResponse::Result& result) {
    return result.duplicate();
  }
};

class StockImport : public ImportKind {
 public:
  explicit StockImport(Context& context)
      : stub_(context.Stub<stockv1::StockService>()),
        timeout_(context.settings().timeout),
        gtins_(context) {}

  std::string_view name() const override { return "stock"; }
  const std::vector<Column>& columns() const override {
    static const auto* const kColumns =
        new std::vector<Column>{{.name = "sku", .required = true, .or_else = "gtin"},
                                {"location_id", true},
                                {"quantity", true},
                                {"effect_key"},
                                {"condition"},
                                {"gtin"}};
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
    for (size_t i = 0; i < rows.size() && !lost_; ++i) {
      if (outcomes[i].state != RowOutcome::kPending) continue;
      FieldReader fields(rows[i], columns());
      stockv1::Adjustment adjustment;
      ReadRow(fields, adjustment);
      if (lost_) return nullptr;
      if (!fields.problem().empty()) {
        outcomes[i].Reject(fields.problem());
      } else if (adjustment.delta() == 0) {
        outcomes[i].state = RowOutcome::kUnchanged;
      } else {
        if (adjustment.effect_key().empty()) {
          adjustment.set_effect_key(EffectKeyOf(request_id, rows[i].first_line));
        }
        call->Add(i, std::move(adjustment));
      }
    }
    if (call->empty()) return nullptr;
    return call;
  }

  std::optional<ErrorReport> lost() const override { return lost_; }

 private:
  void ReadRow(FieldReader& fields, stockv1::Adjustment& to) {
    to.set_sku(fields.Has("gtin") ? SkuOfGtin(fields) : fields.Id("sku"));
    to.set_location_id(fields.Id("location_id"));
    if (!fields.Has("quantity")) fields.Problem("quantity", "is empty");
    const int32_t quantity = fields.Int32("quantity", 0);
    to.set_delta(quantity);
    to.set_kind(quantity > 0 ? stockv1::Adjustment::RECEIVED : stockv1::Adjustment::COUNTED);
    to.set_effect_key(fields.Text("effect_key"));
    to.set_condition(static_cast<stockv1::Adjustment::Condition>(
        fields.Enum("condition", stockv1::Adjustment::Condition_descriptor())));
  }

  std::string SkuOfGtin(FieldReader& fields) {
    const std::string gtin = fields.Text("gtin");
    if (const std::optional<std::string> problem = GtinProblem(gtin)) {
      fields.Problem("gtin", absl::StrCat("'", gtin, "' ", *problem));
      return "";
    }
    if (const grpc::Status& status = gtins_.Load(); !status.ok()) {
      lost_ = ReadError(status);
      return "";
    }
    const std::vector<std::string> skus = gtins_.Find(gtin);
    const std::string sku = fields.Has("sku") ? fields.Id("sku") : "";
    if (skus.empty()) {
      fields.Problem("gtin", absl::StrCat("no item of the catalog has ", gtin));
    } else if (!sku.empty() && std::find(skus.begin(), skus.end(), sku) == skus.end()) {
      fields.Problem(
          "gtin", absl::StrCat(gtin, " is that of ", absl::StrJoin(skus, ", "), ", not of ", sku));
    } else if (sku.empty() && skus.size() > 1) {
      fields.Problem("gtin", absl::StrCat(gtin, " is that of several items, ",
                                          absl::StrJoin(skus, ", "), ": name the sku too"));
    } else {
      return sku.empty() ? skus.front() : sku;
    }
    return "";
  }

  const std::unique_ptr<stockv1::StockService::Stub> stub_;
  const std::chrono::milliseconds timeout_;
  GtinIndex gtins_;
  std::optional<ErrorReport> lost_;
};

}  // namespace

std::unique_ptr<ImportKind> NewStockImport(Context& context) {
  return std::make_unique<StockImport>(context);
}

}  // namespace quartermaster::qm
