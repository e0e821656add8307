#include "storage/blobs/s3_address.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include "storage/blobs/s3_xml.hpp"
#include "tests/storage/limits.hpp"
#include "tests/storage/temporary_folder.hpp"

namespace khochung::storage {

BOOST_AUTO_TEST_SUITE(s3_address)

BOOST_AUTO_TEST_CASE(an_address_says_where_and_how) {
  const auto address = S3Address::parse(
                           "s3://kho-chung/kho/so-1?endpoint=https://s3.example.vn:8443/"
                           "&region=hn-1&credentials=%2Fetc%2Fkhochung%2Fs3&ca=/etc/ca.pem")
                           .value();
  BOOST_TEST(address.endpoint == "https://s3.example.vn:8443");
  BOOST_TEST(address.bucket == "kho-chung");
  BOOST_TEST(address.prefix == "kho/so-1/");
  BOOST_TEST(address.region == "hn-1");
  BOOST_TEST(address.credentials == "/etc/khochung/s3");
  BOOST_TEST(address.ca_file == "/etc/ca.pem");
  BOOST_TEST(address.location("kho/so-1/x") == "s3://kho-chung/kho/so-1/x");
  const auto plain =
      S3Address::parse("s3://kho?endpoint=http://127.0.0.1:80&credentials=environment").value();
  BOOST_TEST(plain.prefix.empty());
  BOOST_TEST(plain.region == "us-east-1");
  BOOST_TEST(plain.proxy.empty());
  const auto through = S3Address::parse(
                           "s3://kho/so-1/?endpoint=http://a&credentials=environment"
                           "&proxy=http://proxy.example.vn:3128")
                           .value();
  BOOST_TEST(through.prefix == "so-1/");
  BOOST_TEST(through.proxy == "http://proxy.example.vn:3128");
}

BOOST_AUTO_TEST_CASE(a_wrong_address_says_what_is_wrong_with_it) {
  const std::string good = "endpoint=http://a&credentials=environment";
  const std::vector<std::pair<std::string, std::string>> wrong{
      {"", "must read"},
      {"/var/lib/khochung", "must read"},
      {"http://kho/?" + good, "must read"},
      {"s3://key:secret@kho?" + good, "must read"},
      {"s3://kho?" + good + "#a", "must read"},
      {"s3://?" + good, "bucket"},
      {"s3://" + std::string(64, 'a') + "?" + good, "bucket"},
      {"s3://kho*?" + good, "bucket"},
      {"s3://ab?" + good, "bucket"},
      {"s3://kho/../khac?" + good, "prefix"},
      {"s3://kho/a/./b?" + good, "prefix"},
      {"s3://kho/a//b?" + good, "prefix"},
      {"s3://kho/th%C6%B0?" + good, "prefix"},
      {"s3://kho/" + std::string(600, 'a') + "?" + good, "prefix"},
      {"s3://kho", "endpoint"},
      {"s3://kho?endpoint=a&credentials=environment", "endpoint"},
      {"s3://kho?endpoint=ftp://a&credentials=environment", "endpoint"},
      {"s3://kho?endpoint=http://a/b&credentials=environment", "endpoint"},
      {"s3://kho?endpoint=http://u@a&credentials=environment", "endpoint"},
      {"s3://kho?endpoint=http://&credentials=environment", "endpoint"},
      {"s3://kho?endpoint=http://a?b&credentials=environment", "endpoint"},
      {"s3://kho?endpoint=http://a%23b&credentials=environment", "endpoint"},
      {"s3://kho?endpoint=http://a", "credentials"},
      {"s3://kho?" + good + "&region=a:b", "region"},
      {"s3://kho?" + good + "&region=", "region"},
      {"s3://kho?" + good + "&regoin=a", "regoin"},
      {"s3://kho?" + good + "&region=a&region=b", "twice"}};
  for (const auto& [text, word] : wrong) {
    const auto address = S3Address::parse(text);
    BOOST_TEST_REQUIRE(!address.has_value(), text);
    BOOST_TEST((address.error().code == ErrorCode::bad_input), text);
    BOOST_TEST(address.error().message.find(word) != std::string::npos,
               text << ": " << address.error().message);
  }
}

BOOST_AUTO_TEST_CASE(credentials_come_from_the_file_that_is_named) {
  const TemporaryFolder folder;
  const auto path = (folder.path() / "s3").string();
  std::ofstream(path) << "[other]\naws_access_key_id = no\n\n[default]\n"
                         "aws_access_key_id = kho:chung \r\naws_secret_access_key=a/b+c=\n";
  const auto narrow = std::filesystem::perms::owner_read | std::filesystem::perms::owner_write;
  std::filesystem::permissions(path, narrow);
  const auto read = S3Credentials::read(path).value();
  BOOST_TEST(read.access_key == "kho:chung");
  BOOST_TEST(read.secret_key == "a/b+c=");
  std::filesystem::permissions(path, narrow | std::filesystem::perms::group_read);
  const auto open_to_others = S3Credentials::read(path);
  BOOST_TEST((open_to_others.error().code == ErrorCode::bad_input));
  BOOST_TEST(open_to_others.error().message.find("chmod 600") != std::string::npos);
  BOOST_TEST((S3Credentials::read(path + "-absent").error().code == ErrorCode::not_found));
  std::filesystem::permissions(path, narrow);
  const NoDescriptors no_descriptors;
  BOOST_TEST((S3Credentials::read(path).error().code == ErrorCode::unavailable));
}

BOOST_AUTO_TEST_CASE(credentials_come_from_the_environment_when_it_is_named) {
  ::setenv("AWS_ACCESS_KEY_ID", "key", 1);
  ::unsetenv("AWS_SECRET_ACCESS_KEY");
  BOOST_TEST((S3Credentials::read("environment").error().code == ErrorCode::bad_input));
  ::setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
  ::unsetenv("AWS_ACCESS_KEY_ID");
  BOOST_TEST((S3Credentials::read("environment").error().code == ErrorCode::bad_input));
  ::setenv("AWS_ACCESS_KEY_ID", "key", 1);
  BOOST_TEST(S3Credentials::read("environment").value().secret_key == "secret");
  ::unsetenv("AWS_ACCESS_KEY_ID");
  ::unsetenv("AWS_SECRET_ACCESS_KEY");
}

BOOST_AUTO_TEST_CASE(an_answer_that_is_none_is_an_error) {
  for (const std::string xml :
       {"", "<", "<html><body>502</body></html>", "<Error><Code>InternalError</Code></Error>",
        "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"}) {
    BOOST_TEST((s3_page(xml).error().code == ErrorCode::unavailable), xml);
    BOOST_TEST((s3_uploads(xml).error().code == ErrorCode::unavailable), xml);
    BOOST_TEST((s3_upload_id(xml).error().code == ErrorCode::unavailable), xml);
  }
  BOOST_TEST(!s3_success("<Error><Code>InternalError</Code></Error>").has_value());
  BOOST_TEST(s3_success("<CopyObjectResult/>").has_value());
  BOOST_TEST(s3_fault("<Error><Code>SlowDown</Code></Error>").code == "SlowDown");
}

BOOST_AUTO_TEST_CASE(entities_of_an_answer_are_not_resolved) {
  const auto page = s3_page(
                        "<!DOCTYPE a [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>"
                        "<ListBucketResult><Contents><Key>&e;</Key><Size>1</Size></Contents>"
                        "</ListBucketResult>")
                        .value();
  BOOST_TEST(page.objects.front().key == "&e;");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::storage
