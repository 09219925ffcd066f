// What services/orders/STATES.md is: the tables of orders' state machines as diagrams and lists.
#ifndef QUARTERMASTER_TOOLS_STATES_MARKDOWN_H_
#define QUARTERMASTER_TOOLS_STATES_MARKDOWN_H_

#include <string>

namespace quartermaster::orders {

std::string StatesPage();

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_TOOLS_STATES_MARKDOWN_H_
