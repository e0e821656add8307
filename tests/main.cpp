#define BOOST_TEST_MODULE khochung
#include <boost/test/unit_test.hpp>
