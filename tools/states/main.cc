// order_states: prints services/orders/STATES.md.
#include <iostream>

#include "tools/states/markdown.h"

int main() { std::cout << quartermaster::orders::StatesPage(); }
