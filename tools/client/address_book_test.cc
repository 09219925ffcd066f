#include "tools/client/address_book.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace quartermaster::tools {
namespace {

constexpr char kStockService[] = "quartermaster.stock.v1.StockService";
constexpr char kOrderService[] = "quartermaster.orders.v1.OrderService";
constexpr char kLogReader[] = "quartermaster.log.v1.LogReader";

TEST(AddressBookTest, OneAddressIsThatOfAllServices) {
  for (const char* address : {"127.0.0.1:7400", "unix:/run/qm=1/socket", "[::1]:7400"}) {
    const auto book = AddressBook::Parse(address);
    ASSERT_TRUE(book.ok()) << book.status();
    EXPECT_EQ(book->Of(kStockService), address);
    EXPECT_EQ(book->Of(kLogReader), address);
    EXPECT_TRUE(book->IsOneServer());
  }
  EXPECT_EQ(AddressBook::Parse("/run/qm/socket")->Of(kOrderService), "unix:/run/qm/socket");
}

TEST(AddressBookTest, ServicesMayHaveTheirOwn) {
  const auto book = AddressBook::Parse("stock=a:1,orders=/run/o,b:2");
  ASSERT_TRUE(book.ok()) << book.status();
  EXPECT_EQ(book->Of(kStockService), "a:1");
  EXPECT_EQ(book->Of(kOrderService), "unix:/run/o");
  EXPECT_EQ(book->Of(kLogReader), "b:2");
  EXPECT_FALSE(book->IsOneServer());
  EXPECT_TRUE(AddressBook::Parse("stock=a:1,orders=a:2,routing=a:3,log=a:4,catalog=a:5").ok());
}

TEST(AddressBookTest, WhatIsWrongIsNamed) {
  const auto error = [](const char* text) {
    return std::string(AddressBook::Parse(text).status().message());
  };
  EXPECT_THAT(error(""), testing::HasSubstr("empty address"));
  EXPECT_THAT(error("stock=,a:1"), testing::HasSubstr("empty address"));
  EXPECT_THAT(error("shop=a:1"), testing::HasSubstr("no service is called shop"));
  EXPECT_THAT(error("stock=a:1,stock=b:1,c:1"), testing::HasSubstr("two addresses for stock"));
  EXPECT_THAT(error("a:1,b:2"), testing::HasSubstr("a:1 and b:2"));
  EXPECT_THAT(error("stock=a:1"), testing::HasSubstr("no address for catalog"));
}

}  // namespace
}  // namespace quartermaster::tools
