#include "tools/retail/report.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace quartermaster::retail {
namespace {

// 12345678 as "12,345,678".
std::string Count(int64_t value) {
  std::string digits = absl::StrCat(value);
  for (int i = static_cast<int>(digits.size()) - 3; i > (value < 0 ? 1 : 0); i -= 3) {
    digits.insert(static_cast<size_t>(i), 1, ',');
  }
  return digits;
}

int64_t Sum(const std::array<std::atomic<int64_t>, 4>& counts) {
  int64_t sum = 0;
  for (const auto& count : counts) sum += count;
  return sum;
}

// The sums that must hold between what was read and what happened.
struct Sums {
  explicit Sums(const Shop& shop) {
    const Tally& tally = shop.tally;
    const InputCounts& input = shop.plan().input;
    order_lines = tally.lines_placed + tally.lines_dropped + tally.lines_refused;
    return_lines =
        tally.return_lines_matched + tally.return_lines_unmatched + tally.return_lines_not_sold;
    orders = Sum(tally.placed) + Sum(tally.refused);
    hold = order_lines == input.order_lines && return_lines == input.return_lines &&
           orders == static_cast<int64_t>(shop.plan().orders.size()) &&
           input.order_lines + input.return_lines + input.rejected_lines + input.left_out_lines ==
               input.lines;
  }
  int64_t order_lines = 0;
  int64_t return_lines = 0;
  int64_t orders = 0;
  bool hold = false;
};

double PerSecond(int64_t count, Micros elapsed) {
  return elapsed.count == 0 ? 0
                            : static_cast<double>(count) * 1e6 / static_cast<double>(elapsed.count);
}

double Ratio(int64_t part, int64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

class Rows {
 public:
  void Section(const std::string& title) { text_ += absl::StrCat("\n", title, "\n"); }
  void Row(const std::string& name, const std::string& value, const std::string& note = "") {
    std::string line = absl::StrFormat("  %-32s %14s", name, value);
    if (!note.empty()) absl::StrAppend(&line, "   ", note);
    absl::StrAppend(&text_, line, "\n");
  }
  void Zero(const std::string& name, int64_t value, const std::string& note) {
    Row(name, Count(value), absl::StrCat(value == 0 ? "ok    " : "WRONG ", note));
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

std::string Millis(const Latency& latency) {
  return absl::StrFormat("%.1f / %.1f ms", latency.PercentileMs(0.5), latency.PercentileMs(0.99));
}

void WorkRows(const Report& report, Rows* rows) {
  const Shop& shop = *report.shop;
  const Tally& tally = shop.tally;
  const int64_t placed = Sum(tally.placed);
  rows->Section(absl::StrFormat("Work: %d clients, %.1f s", report.clients,
                                static_cast<double>(report.replay.elapsed.count) / 1e6));
  rows->Row("orders per second", absl::StrFormat("%.0f", PerSecond(placed, report.replay.elapsed)),
            absl::StrFormat("%s web, %s click & collect, %s tills (orders), %s tills (sales)",
                            Count(tally.placed[0]), Count(tally.placed[1]), Count(tally.placed[2]),
                            Count(tally.placed[3])));
  rows->Row("order lines per second",
            absl::StrFormat("%.0f", PerSecond(tally.lines_placed, report.replay.elapsed)));
  rows->Row("Reserve p50 / p99", Millis(shop.calls.reserve),
            Count(shop.calls.reserve.count()) + " calls");
  rows->Row("PlaceOrder p50 / p99", Millis(shop.calls.place_order),
            Count(shop.calls.place_order.count()) + " calls");
  rows->Row("split rate",
            absl::StrFormat("%.1f %%", 100 * Ratio(tally.split_orders, tally.shipped_orders)),
            "shipped orders from more than one place");
  rows->Row("mean distance",
            absl::StrFormat("%.0f km", Ratio(tally.distance_m, tally.parcels) / 1000),
            Count(tally.parcels) + " parcels");
  rows->Row("restart after SIGKILL",
            report.replay.crashed
                ? absl::StrFormat("%.2f s", static_cast<double>(report.replay.restart.count) / 1e6)
                : "not done",
            Count(shop.calls.retries) + " calls repeated with the same request id");
  rows->Row(
      "went wrong on purpose",
      Count(tally.rejected_tasks + tally.short_picks + tally.wrong_codes + tally.duplicates_sent),
      absl::StrFormat("%s rejected tasks, %s short picks, %s wrong codes, %s duplicates",
                      Count(tally.rejected_tasks), Count(tally.short_picks),
                      Count(tally.wrong_codes), Count(tally.duplicates_sent)));
  rows->Row("cancellations", Count(tally.cancellations),
            Count(tally.kept_back) + " orders kept back, and released");
  rows->Row("payments", Count(tally.intents_done),
            "captures, refunds and voids that were intended, and done");
}

void SumRows(const Report& report, Rows* rows) {
  const Shop& shop = *report.shop;
  const Tally& tally = shop.tally;
  const InputCounts& input = shop.plan().input;
  rows->Section("Sums");
  rows->Row("input lines", Count(input.lines),
            absl::StrFormat("= %s of orders + %s of returns + %s rejected + %s left out",
                            Count(input.order_lines), Count(input.return_lines),
                            Count(input.rejected_lines), Count(input.left_out_lines)));
  rows->Row("order lines", Count(input.order_lines),
            absl::StrFormat("= %s placed + %s dropped + %s refused", Count(tally.lines_placed),
                            Count(tally.lines_dropped), Count(tally.lines_refused)));
  rows->Row("return lines", Count(input.return_lines),
            absl::StrFormat("= %s matched + %s unmatched + %s rejected (never sold in this run)",
                            Count(tally.return_lines_matched), Count(tally.return_lines_unmatched),
                            Count(tally.return_lines_not_sold)));
  rows->Row("orders", Count(static_cast<int64_t>(shop.plan().orders.size())),
            absl::StrFormat("= %s placed + %s refused or not bought", Count(Sum(tally.placed)),
                            Count(Sum(tally.refused))));
  rows->Row("refusals, justified", Count(tally.refusals_justified),
            tally.refusals_justified > 0 ? "ok    of orders and holds" : "WRONG none");
  rows->Row("counts add up", Sums(shop).hold ? "yes" : "no", Sums(shop).hold ? "ok" : "WRONG");
}

void ZeroRows(const Report& report, Rows* rows) {
  const Shop& shop = *report.shop;
  const Verdict& verdict = report.verdict;
  rows->Section("Checked by the clients' own records");
  rows->Zero("oversold", verdict.oversold, "units, at any moment and at the end");
  rows->Zero("lost", verdict.lost,
             absl::StrFormat("of %s orders, %s holds, %s returns", Count(verdict.orders_checked),
                             Count(verdict.holds_checked), Count(verdict.returns_checked)));
  rows->Zero("stranded", verdict.stranded,
             absl::StrFormat("units; %s open orders explain theirs", Count(verdict.open_orders)));
  rows->Zero("unjustified refusals", shop.tally.refusals_unjustified,
             "refused while certainly in stock");
  rows->Zero("stock that differs", verdict.keys_differing,
             absl::StrFormat("of %s items at places", Count(verdict.keys_checked)));
  rows->Zero("money that differs", verdict.money_differing, "minor units, of all orders");
  rows->Zero("unexpected answers", shop.tally.unexpected,
             absl::StrFormat("of %s", Count(shop.calls.answered)));
  rows->Zero("calls without an answer", shop.calls.given_up, "after two minutes");
  if (report.verify_exit.has_value()) {
    rows->Zero("rebuilt from the log", *report.verify_exit, "qm verify: its exit code");
  }
}

}  // namespace

bool Passed(const Report& report) {
  const Shop& shop = *report.shop;
  const Verdict& verdict = report.verdict;
  return verdict.oversold == 0 && verdict.lost == 0 && verdict.stranded == 0 &&
         verdict.keys_differing == 0 && verdict.money_differing == 0 &&
         shop.tally.refusals_unjustified == 0 && shop.tally.refusals_justified > 0 &&
         shop.tally.unexpected == 0 && shop.calls.given_up == 0 &&
         report.verify_exit.value_or(0) == 0 && Sums(shop).hold;
}

std::string Table(const Report& report) {
  Rows rows;
  WorkRows(report, &rows);
  SumRows(report, &rows);
  ZeroRows(report, &rows);
  std::string text = rows.text();
  for (const std::string& finding : report.verdict.findings)
    absl::StrAppend(&text, "  ! ", finding, "\n");
  for (const std::string& note : report.shop->notes()) absl::StrAppend(&text, "  ! ", note, "\n");
  return text;
}

std::string Json(const Report& report) {
  const Shop& shop = *report.shop;
  const Tally& tally = shop.tally;
  const InputCounts& input = shop.plan().input;
  const Verdict& verdict = report.verdict;
  nlohmann::ordered_json json = {
      {"seed", shop.seed()},
      {"clients", report.clients},
      {"elapsed_s", static_cast<double>(report.replay.elapsed.count) / 1e6},
      {"orders_per_s", PerSecond(Sum(tally.placed), report.replay.elapsed)},
      {"lines_per_s", PerSecond(tally.lines_placed, report.replay.elapsed)},
      {"reserve_p50_ms", shop.calls.reserve.PercentileMs(0.5)},
      {"reserve_p99_ms", shop.calls.reserve.PercentileMs(0.99)},
      {"place_order_p50_ms", shop.calls.place_order.PercentileMs(0.5)},
      {"place_order_p99_ms", shop.calls.place_order.PercentileMs(0.99)},
      {"split_rate", Ratio(tally.split_orders, tally.shipped_orders)},
      {"mean_distance_km", Ratio(tally.distance_m, tally.parcels) / 1000},
      {"restart_s", report.replay.crashed
                        ? nlohmann::json(static_cast<double>(report.replay.restart.count) / 1e6)
                        : nlohmann::json()},
      {"orders_placed", Sum(tally.placed)},
      {"orders_refused", Sum(tally.refused)},
      {"refusals_justified", tally.refusals_justified.load()},
      {"refusals_unjustified", tally.refusals_unjustified.load()},
      {"input_lines", input.lines},
      {"order_lines", input.order_lines},
      {"return_lines", input.return_lines},
      {"rejected_lines", input.rejected_lines},
      {"left_out_lines", input.left_out_lines},
      {"return_lines_matched", tally.return_lines_matched.load()},
      {"return_lines_unmatched", tally.return_lines_unmatched.load()},
      {"return_lines_not_sold", tally.return_lines_not_sold.load()},
      {"counts_add_up", Sums(shop).hold},
      {"oversold", verdict.oversold},
      {"lost", verdict.lost},
      {"stranded", verdict.stranded},
      {"keys_differing", verdict.keys_differing},
      {"money_differing", verdict.money_differing},
      {"unexpected", tally.unexpected.load()},
      {"given_up", shop.calls.given_up.load()},
      {"verify_exit",
       report.verify_exit.has_value() ? nlohmann::json(*report.verify_exit) : nlohmann::json()},
      {"passed", Passed(report)},
  };
  return json.dump(2) + "\n";
}

}  // namespace quartermaster::retail
