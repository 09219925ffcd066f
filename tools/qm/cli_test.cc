// The tree of commands as a whole: what holds for each of them.
#include "tools/qm/cli.h"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "CLI/App.hpp"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "gtest/gtest.h"
#include "quartermaster/catalog/v1/catalog.pb.h"
#include "quartermaster/log/v1/log.pb.h"
#include "quartermaster/orders/v1/orders.pb.h"
#include "quartermaster/routing/v1/routing.pb.h"
#include "quartermaster/stock/v1/stock.pb.h"
#include "tools/qm/commands/commands.h"
#include "tools/qm/completion.h"
#include "tools/qm/output/json.h"
#include "tools/qm/test_run.h"

namespace quartermaster::qm {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class CliTest : public testing::Test {
 protected:
  CliTest() { AddAllCommands(cli_); }

  using Visit = std::function<void(const std::string& path, CLI::App& app, bool leaf)>;
  void Walk(CLI::App& app, const std::string& path, const Visit& visit) {
    const auto subs = app.get_subcommands([](CLI::App*) { return true; });
    visit(path, app, subs.empty());
    for (CLI::App* sub : subs) Walk(*sub, absl::StrCat(path, " ", sub->get_name()), visit);
  }
  std::vector<std::string> Complete(const std::vector<std::string>& words) {
    return qm::Complete(*cli_.root().app(), words);
  }
  std::set<std::string> Leaves() {
    std::set<std::string> leaves;
    Walk(*cli_.root().app(), "qm", [&](const std::string& path, CLI::App&, bool leaf) {
      if (leaf) leaves.insert(path.substr(3));
    });
    return leaves;
  }

  Cli cli_;
};

TEST_F(CliTest, EveryCommandHasAnExampleOfItself) {
  int commands = 0;
  Walk(*cli_.root().app(), "qm", [&](const std::string& path, CLI::App& app, bool leaf) {
    ++commands;
    EXPECT_THAT(app.help(), HasSubstr("Example:\n  ")) << path;
    EXPECT_FALSE(app.get_description().empty()) << path;
    const std::string footer = app.get_footer();
    // The example is one of this command (a group's is of one of its commands).
    EXPECT_THAT(footer, HasSubstr(leaf ? path : "qm ")) << path;
    for (const CLI::Option* option : app.get_options([](const CLI::Option*) { return true; })) {
      EXPECT_FALSE(option->get_description().empty()) << path << " " << option->get_name();
    }
  });
  EXPECT_GT(commands, 60);
}

TEST_F(CliTest, EveryCommandTakesEveryForm) {
  Walk(*cli_.root().app(), "qm", [&](const std::string& path, CLI::App& app, bool leaf) {
    if (!leaf) return;
    const CLI::Option* output = app.get_option_no_throw("--output");
    ASSERT_NE(output, nullptr) << path;
    EXPECT_TRUE(output->check_sname("o")) << path;
    EXPECT_THAT(ChoicesOf(*output), ElementsAre("table", "json", "ndjson")) << path;
    EXPECT_NE(app.get_option_no_throw("--context"), nullptr) << path;
  });
}

// What is not here is reached by qm call alone: give it a command, and write it down.
TEST_F(CliTest, EveryMethodHasACommand) {
  const std::map<std::string, std::string> commands = {
      {"CatalogService.PutItems", "item put"},
      {"CatalogService.GetItem", "item get"},
      {"CatalogService.ListItems", "item list"},
      {"CatalogService.PutLocations", "location put"},
      {"CatalogService.GetLocation", "location get"},
      {"CatalogService.ListLocations", "location list"},
      {"CatalogService.PauseLocation", "location pause"},
      {"StockService.Reserve", "reserve"},
      {"StockService.UpdateReservation", "reservation update"},
      {"StockService.BatchReserve", "reservation batch"},
      {"StockService.ReserveStream", "reservation batch"},
      {"StockService.ExtendReservation", "reservation extend"},
      {"StockService.ConfirmReservation", "confirm"},
      {"StockService.BindReservation", "reservation bind"},
      {"StockService.ReleaseReservation", "release"},
      {"StockService.FulfilReservation", "reservation fulfil"},
      {"StockService.GetReservation", "reservation get"},
      {"StockService.ListReservations", "reservation list"},
      {"StockService.AdjustStock", "stock adjust"},
      {"StockService.ChangeCondition", "stock move-condition"},
      {"StockService.ApplyCount", "stock count apply"},
      {"StockService.GetCount", "stock count get"},
      {"StockService.ListSources", "stock reconcile"},
      {"StockService.ListDifferences", "stock reconcile"},
      {"StockService.TransferStock", "transfer request"},
      {"StockService.ShipTransfer", "transfer ship"},
      {"StockService.ReceiveTransfer", "transfer receive"},
      {"StockService.CloseTransfer", "transfer close"},
      {"StockService.GetTransfer", "transfer get"},
      {"StockService.ListTransfers", "transfer list"},
      {"StockService.ExpectSupply", "supply expect"},
      {"StockService.ReceiveSupply", "supply receive"},
      {"StockService.CancelSupply", "supply cancel"},
      {"StockService.GetSupply", "supply get"},
      {"StockService.SetPool", "pool set"},
      {"StockService.SetChannel", "channel set"},
      {"StockService.GetChannel", "channel get"},
      {"StockService.SetAllotment", "channel allot"},
      {"StockService.GetAllotment", "channel allotment"},
      {"StockService.DefineKit", "kit define"},
      {"StockService.GetKit", "kit get"},
      {"StockService.SetStockPolicy", "policy set"},
      {"StockService.GetAvailability", "stock get"},
      {"StockService.WatchAvailability", "stock watch"},
      {"StockService.ListMovements", "stock ledger"},
      {"OrderService.PlaceOrder", "order place"},
      {"OrderService.GetOrder", "order get"},
      {"OrderService.ListOrders", "order list"},
      {"OrderService.GetOrderHistory", "order history"},
      {"OrderService.CancelOrder", "order cancel"},
      {"OrderService.RerouteOrder", "order reroute"},
      {"OrderService.EditOrder", "order edit"},
      {"OrderService.HoldOrder", "order hold"},
      {"OrderService.ReleaseHold", "order release-hold"},
      {"OrderService.GetSubject", "subject get"},
      {"OrderService.UpdateSubject", "subject set"},
      {"OrderService.EraseSubject", "subject erase"},
      {"OrderService.PutBack", "task put-back"},
      {"OrderService.WatchOrders", "order watch"},
      {"OrderService.ListTasks", "task list"},
      {"OrderService.AcceptTask", "task accept"},
      {"OrderService.RejectTask", "task reject"},
      {"OrderService.RecordPick", "task pick"},
      {"OrderService.PackTask", "task pack"},
      {"OrderService.RecordShipments", "task ship"},
      {"OrderService.RecordDeliveries", "parcel report"},
      {"OrderService.MatchReturn", "return match"},
      {"OrderService.InspectReturn", "return inspect"},
      {"OrderService.ListReturns", "return list"},
      {"OrderService.RecordPayments", "payment report"},
      {"OrderService.ListPaymentIntents", "payment intents"},
      {"OrderService.MarkReadyForPickup", "task ready"},
      {"OrderService.ExtendPickup", "task extend"},
      {"OrderService.SetPickupProxy", "task proxy"},
      {"OrderService.HandOver", "task hand-over"},
      {"OrderService.RequestReturn", "return request"},
      {"OrderService.ReceiveReturn", "return receive"},
      {"OrderService.GetReturn", "return get"},
      {"OrderService.RecordSales", "sale record"},
      {"OrderService.ListExceptions", "exceptions list"},
      {"OrderService.ResolveException", "exceptions resolve"},
      {"OrderService.SetFulfilmentPolicy", "policy fulfilment set"},
      {"OrderService.GetFulfilmentPolicy", "policy fulfilment show"},
      {"RoutingService.FindNearest", "route nearest"},
      {"RoutingService.PlanOrder", "route plan"},
      {"RoutingService.GetDecision", "route explain"},
      {"RoutingService.RouteReturn", "route return"},
      {"LogReader.GetStatus", "status"},
      {"LogReader.Read", "events tail"},
      {"LogReader.Subscribe", "events tail"},
      {"LogReader.ExportFrames", "backup"},
  };
  const std::set<std::string> leaves = Leaves();
  for (const google::protobuf::FileDescriptor* file :
       {catalog::v1::Item::descriptor()->file(), stock::v1::Pool::descriptor()->file(),
        orders::v1::Order::descriptor()->file(), routing::v1::Plan::descriptor()->file(),
        log::v1::Record::descriptor()->file()}) {
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) {
        const std::string method =
            absl::StrCat(file->service(s)->name(), ".", file->service(s)->method(m)->name());
        ASSERT_TRUE(commands.contains(method)) << method << " has no command";
        EXPECT_THAT(leaves, Contains(commands.at(method)));
      }
    }
  }
}

TEST(CliRunTest, OnlyACommandLineThatCannotBeReadIsAnsweredInPlainText) {
  const std::vector<std::vector<std::string>> wrong = {{"status", "--timeout", "soon"},
                                                       {"status", "--address", "nonsense=1"},
                                                       {"status", "--context", "no-such-context"}};
  for (std::vector<std::string> words : wrong) {
    words.insert(words.end(), {"-o", "json"});
    const Ran ran = RunQm(words);
    EXPECT_EQ(ran.code, kUsage);
    const Json document = Json::parse(ran.err, nullptr, /*allow_exceptions=*/false);
    ASSERT_TRUE(document.is_object()) << ran.err;
    EXPECT_TRUE(document["error"].contains("next_step")) << ran.err;
  }
  EXPECT_THAT(RunQm({"status", "--nonsense", "-o", "json"}).err, StartsWith("error"));
}

TEST_F(CliTest, CompletesCommandsOptionsAndValues) {
  EXPECT_THAT(Complete({"sto"}), ElementsAre("stock"));
  EXPECT_THAT(Complete({"stock", "w"}), ElementsAre("why", "watch"));
  EXPECT_THAT(Complete({"stock", "get", "--as"}), ElementsAre("--as-of"));
  EXPECT_THAT(Complete({"stock", "get", "-o", ""}), ElementsAre("table", "json", "ndjson"));
  EXPECT_THAT(Complete({"stock", "get", "--output=j"}), ElementsAre("--output=json"));
  EXPECT_THAT(Complete({"stock", "get", "--output", "=", "j"}), ElementsAre("json"));
  EXPECT_THAT(Complete({"stock", "get", "--output", "="}), ElementsAre("table", "json", "ndjson"));
  EXPECT_THAT(Complete({"stock", "adjust", "A-1", "s", "1", "--kind", "re"}),
              ElementsAre("received", "returned"));
  EXPECT_THAT(Complete({"task", "list", "--state", "ready"}), ElementsAre("ready-for-pickup"));
  EXPECT_THAT(Complete({"completion", "z"}), ElementsAre("zsh"));
  // Options before a command, and values that look like commands.
  EXPECT_THAT(Complete({"-o", "json", "ord"}), ElementsAre("order"));
  EXPECT_THAT(Complete({"stock", "get", "stock", "-o", "t"}), ElementsAre("table"));
  // A file or anything: nothing.
  EXPECT_THAT(Complete({"import", "items", ""}), IsEmpty());
  EXPECT_THAT(Complete({""}), Contains("verify"));
  EXPECT_THAT(Complete({""}), Not(Contains("__complete")));
}

}  // namespace
}  // namespace quartermaster::qm
