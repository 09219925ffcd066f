// Counts, sources and differences: requests -> commands, results -> answers.
#ifndef QUARTERMASTER_SERVICES_STOCK_RPC_COUNT_REQUESTS_H_
#define QUARTERMASTER_SERVICES_STOCK_RPC_COUNT_REQUESTS_H_

#include "quartermaster/stock/v1/stock.pb.h"
#include "services/runtime/validation.h"
#include "services/stock/app/stock_submission.h"
#include "services/stock/app/stock_view.h"
#include "services/stock/domain/count_reports.h"

namespace quartermaster::stock {

// Each checks the request; if all is well it fills the submission's command.
void Parse(const v1::ApplyCountRequest& request, const StockView& view,
           runtime::FieldChecker& check, StockSubmission& submission);
void Parse(const v1::GetCountRequest& request, const StockView& view, runtime::FieldChecker& check,
           StockSubmission& submission);
void Parse(const v1::ListSourcesRequest& request, const StockView& view,
           runtime::FieldChecker& check, StockSubmission& submission);
void Parse(const v1::ListDifferencesRequest& request, const StockView& view,
           runtime::FieldChecker& check, StockSubmission& submission);

void RenderCount(const CountStatus& count, v1::Count& out);
void RenderSource(const SourceReport& source, v1::Source& out);
void RenderDifference(const DifferenceReport& difference, v1::StockDifference& out);

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_RPC_COUNT_REQUESTS_H_
