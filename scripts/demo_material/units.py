"""A small tree of units in the shape that the unions really have: three levels since 1/7/2025, the
district level and merged provinces closed, with their successors. Grassroots names are invented."""
import json

COLUMNS = ("code", "name_vi", "name_en", "level", "parent", "valid_from", "valid_to", "successors")
ROOT, UPPER, DISTRICT, BASE = "tong_lien_doan", "cap_tren_co_so", "cap_huyen", "co_so"
CLOSED = "2025-06-30"  # Luật 97/2025/QH15; Nghị quyết 202/2025/QH15 on merged provinces

UNITS = [
    ("tld", "Tổng Liên đoàn Lao động Việt Nam", "Viet Nam General Confederation of Labour", ROOT, "", "1929-07-28", "", ""),
    ("ldld-ha-noi", "Liên đoàn Lao động thành phố Hà Nội", "Ha Noi Federation of Labour", UPPER, "tld", "", "", ""),
    ("ldld-hai-phong", "Liên đoàn Lao động thành phố Hải Phòng", "Hai Phong Federation of Labour", UPPER, "tld", "", "", ""),
    ("ldld-hai-duong", "Liên đoàn Lao động tỉnh Hải Dương", "Hai Duong Federation of Labour", UPPER, "tld", "", CLOSED, "ldld-hai-phong"),
    ("ldld-nghe-an", "Liên đoàn Lao động tỉnh Nghệ An", "Nghe An Federation of Labour", UPPER, "tld", "", "", ""),
    ("ldld-dong-nai", "Liên đoàn Lao động tỉnh Đồng Nai", "Dong Nai Federation of Labour", UPPER, "tld", "", "", ""),
    ("ldld-tphcm", "Liên đoàn Lao động Thành phố Hồ Chí Minh", "Ho Chi Minh City Federation of Labour", UPPER, "tld", "", "", ""),
    ("ldld-binh-duong", "Liên đoàn Lao động tỉnh Bình Dương", "Binh Duong Federation of Labour", UPPER, "tld", "", CLOSED, "ldld-tphcm"),
    ("cd-det-may", "Công đoàn Dệt May Việt Nam", "Viet Nam Textile and Garment Union", UPPER, "tld", "", "", ""),
    ("cd-cong-thuong", "Công đoàn Công Thương Việt Nam", "Viet Nam Union of Industry and Trade", UPPER, "tld", "", "", ""),
    ("cd-tct-van-tai-mau", "Công đoàn Tổng công ty Vận tải mẫu", "Union of the Sample Transport Corporation", UPPER, "tld", "", "", ""),
    ("ldld-tp-bien-hoa", "Liên đoàn Lao động thành phố Biên Hòa", "Bien Hoa City Federation of Labour", DISTRICT, "ldld-dong-nai", "", CLOSED, "ldld-dong-nai"),
    ("ldld-nghi-loc", "Liên đoàn Lao động huyện Nghi Lộc", "Nghi Loc District Federation of Labour", DISTRICT, "ldld-nghe-an", "", CLOSED, "ldld-nghe-an"),
    ("cdcs-may-mau-1", "Công đoàn cơ sở Công ty May mẫu số 1", "Grassroots union, Sample Garment Company No. 1", BASE, "ldld-ha-noi", "2009-05-01", "", ""),
    ("cdcs-dien-tu-mau-2", "Công đoàn cơ sở Công ty Điện tử mẫu số 2", "Grassroots union, Sample Electronics Company No. 2", BASE, "ldld-hai-phong", "2014-03-10", "", ""),
    ("cdcs-giay-mau-3", "Công đoàn cơ sở Công ty Giày mẫu số 3", "Grassroots union, Sample Footwear Company No. 3", BASE, "ldld-dong-nai", "2006-10-20", "", ""),
    ("nd-xe-cong-nghe-mau-4", "Nghiệp đoàn cơ sở Xe công nghệ mẫu số 4", "Grassroots syndicate, App Drivers, sample no. 4", BASE, "ldld-tphcm", "2022-07-28", "", ""),
    ("cdcs-che-bien-go-mau-5", "Công đoàn cơ sở Công ty Chế biến gỗ mẫu số 5", "Grassroots union, Sample Wood Company No. 5", BASE, "ldld-tphcm", "2011-01-15", "", ""),
    ("cdcs-benh-vien-mau-6", "Công đoàn cơ sở Bệnh viện mẫu số 6", "Grassroots union, Sample Hospital No. 6", BASE, "ldld-nghe-an", "", "", ""),
    ("cdcs-truong-mau-7", "Công đoàn cơ sở Trường Trung học mẫu số 7", "Grassroots union, Sample Secondary School No. 7", BASE, "ldld-nghe-an", "", "", ""),
    ("cdcs-soi-mau-8", "Công đoàn cơ sở Công ty Sợi mẫu số 8", "Grassroots union, Sample Yarn Company No. 8", BASE, "cd-det-may", "2003-08-12", "", ""),
    ("cdcs-co-khi-mau-9", "Công đoàn cơ sở Công ty Cơ khí mẫu số 9", "Grassroots union, Sample Engineering Company No. 9", BASE, "cd-cong-thuong", "", "", ""),
    ("cdcs-cang-mau-10", "Công đoàn cơ sở Cảng mẫu số 10", "Grassroots union, Sample Port No. 10", BASE, "cd-tct-van-tai-mau", "2012-12-01", "", ""),
]


def rows():
    for values in UNITS:
        row = dict(zip(COLUMNS, values))
        row["successors"] = row["successors"].split()
        yield row


def save_units(path):
    lines = (json.dumps(row, ensure_ascii=False) for row in rows())
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def codes():
    return {values[0] for values in UNITS}
