#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <optional>
#include <string>

#include "tools/client/address_book.h"
#include "tools/processes/child_process.h"
#include "tools/processes/shape.h"

namespace quartermaster::tools {
namespace {

TEST(ChildProcessTest, SaysHowItEnded) {
  ChildProcess fails({"/bin/sh", "-c", "exit 75"});
  fails.Start();
  EXPECT_EQ(fails.Wait(Seconds(60)), "exit code 75");
  EXPECT_EQ(fails.Ended(), std::nullopt) << "once";

  ChildProcess sleeps({"/bin/sleep", "600"});
  sleeps.Start();
  EXPECT_EQ(sleeps.Ended(), std::nullopt);
  sleeps.Terminate();
  EXPECT_EQ(sleeps.Wait(Seconds(60)), "signal 15");
  sleeps.Start();
  EXPECT_EQ(sleeps.Kill(), std::nullopt) << "it had not ended before";
  sleeps.Start();
  EXPECT_EQ(sleeps.Wait(Milliseconds(1)), "killed, because it took too long");
}

TEST(ChildProcessTest, AppendsItsOutputToTheFile) {
  const std::string path = ::testing::TempDir() + "/child_output";
  std::remove(path.c_str());
  ChildProcess says({"/bin/sh", "-c", "echo out; echo err >&2"}, path);
  for (int i = 0; i < 2; ++i) {
    says.Start();
    EXPECT_EQ(says.Wait(Seconds(60)), "exit code 0");
  }
  std::string text;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) text += line + ";";
  EXPECT_EQ(text, "out;err;out;err;");
  std::remove(path.c_str());
}

TEST(ShapeTest, ClientsFindEveryService) {
  const auto one = AddressBook::Parse(AddressesOf(ProcessesOf(Shape::kOne, "/tmp/x")));
  ASSERT_TRUE(one.ok());
  EXPECT_EQ(one->Of("quartermaster.orders.v1.OrderService"), "unix:/tmp/x/all.socket");
  const auto many = AddressBook::Parse(AddressesOf(ProcessesOf(Shape::kMany, "/tmp/x")));
  ASSERT_TRUE(many.ok());
  EXPECT_EQ(many->Of("quartermaster.orders.v1.OrderService"), "unix:/tmp/x/orders.socket");
  EXPECT_EQ(many->Of("quartermaster.stock.v1.StockService"), "unix:/tmp/x/stock.socket");
  EXPECT_EQ(many->Of("quartermaster.catalog.v1.CatalogService"), "unix:/tmp/x/stock.socket");
}

TEST(ShapeTest, AllButTheLogKnowTheOthers) {
  for (const ServerProcess& process : ProcessesOf(Shape::kMany, "/tmp/x")) {
    for (const char* peer : {"--log", "--stock", "--orders", "--routing"}) {
      EXPECT_EQ(std::count(process.arguments.begin(), process.arguments.end(), peer),
                process.name == "log" ? 0 : 1)
          << process.name << " " << peer;
    }
  }
}

}  // namespace
}  // namespace quartermaster::tools
