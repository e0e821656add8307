#include "schemas/mail_address.hpp"

#include <boost/test/unit_test.hpp>
#include <vector>

namespace khochung {

BOOST_AUTO_TEST_SUITE(mail_addresses)

BOOST_AUTO_TEST_CASE(usual_addresses_are_taken_as_they_are) {
  for (const std::string& good : std::vector<std::string>{
           "a@b.vn", "phong.vien+kho@bao.example.vn", "o'neil@example.com", "x@localhost",
           "A.B@Example.VN", std::string(64, 'x') + "@example.vn"}) {
    const auto address = MailAddress::parse(good);
    BOOST_REQUIRE(address);
    BOOST_TEST(address->text() == good);
  }
}

BOOST_AUTO_TEST_CASE(nothing_that_could_end_a_line_or_a_command_is_an_address) {
  for (const std::string wrong : {"",
                                  "a",
                                  "a@",
                                  "@b.vn",
                                  "a@@b.vn",
                                  "a b@c.vn",
                                  "a@b.vn ",
                                  " a@b.vn",
                                  "a@b.vn\r\nDATA",
                                  "a@b.vn\n",
                                  "<a@b.vn>",
                                  "a@b.vn>",
                                  "a@b..vn",
                                  "a..b@c.vn",
                                  ".a@b.vn",
                                  "a.@b.vn",
                                  "a@-b.vn",
                                  "a@b-.vn",
                                  "a@[10.0.0.1]",
                                  "\"a b\"@c.vn",
                                  "a,b@c.vn",
                                  "a(b)@c.vn",
                                  "ông@example.vn",
                                  "a@\u0111.vn"}) {
    BOOST_TEST(!MailAddress::parse(wrong).has_value(), wrong);
  }
  BOOST_TEST(!MailAddress::parse(std::string("a\0@b.vn", 7)).has_value());
  BOOST_TEST(!MailAddress::parse(std::string(65, 'x') + "@b.vn").has_value());
  BOOST_TEST(!MailAddress::parse("a@" + std::string(64, 'b') + ".vn").has_value());
  std::string long_domain = "a@b";
  while (long_domain.size() < 255) long_domain += ".b";
  BOOST_TEST(!MailAddress::parse(long_domain).has_value());
  BOOST_TEST(MailAddress::parse("a@").error().reason == "mail_address");
}

BOOST_AUTO_TEST_CASE(one_mailbox_has_one_folded_address) {
  BOOST_TEST(MailAddress::parse("Phong.Vien@Bao.VN")->folded() == "phong.vien@bao.vn");
  BOOST_TEST(MailAddress::parse("Phong.Vien@Bao.VN")->domain() == "Bao.VN");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung
