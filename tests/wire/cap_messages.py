"""CAP 1.2 as others write it."""

CAP_ALERT = b"""<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>city-2026-000418</identifier><sender>alarm@city.example</sender>
  <sent>2026-03-02T08:16:40+08:00</sent><status>Actual</status><msgType>Alert</msgType><scope>Restricted</scope>
  <restriction>fire and police desks</restriction>
  <info><language>en-US</language><category>Fire</category><event>Smoke in tunnel</event>
    <responseType>Avoid</responseType><urgency>Immediate</urgency><severity>Severe</severity><certainty>Likely</certainty>
    <expires>2026-03-02T10:16:40+08:00</expires><headline>Smoke alarm, east tunnel</headline>
    <parameter><valueName>alarmId</valueName><value>A-77120</value></parameter>
    <area><areaDesc>East tunnel</areaDesc><circle>26.578,106.713 0.8</circle></area></info>
</alert>
"""
