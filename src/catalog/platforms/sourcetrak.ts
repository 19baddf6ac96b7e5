/**
 * The 22 SourceTrak data points, which two documents share: dialogtech-ivr-webhook ("Include SourceTrak Data") and
 * dialogtech-post-call-action ("Include SourceTrak Information"). Same order in both, but one name is spelt differently.
 */
import type { CatalogCategory } from '../description.ts'

/** SourceTrak's category with the referrer in the spelling of the document that includes it. */
export function sourceTrak(referrerName: 'st_referrer' | 'st_referer'): CatalogCategory {
  return {
    name: 'sourcetrak',
    dataPoints: [
      {
        name: 'st_rank',
        description: 'How surely the call was matched to its source, from 1 (surest) to 5',
        example: 1,
      },
      {
        name: 'st_search_term',
        description: 'What the visitor had searched for when the number was shown',
        example: 'air conditioning',
      },
      { name: referrerName, description: 'Domain the visitor came from', example: 'www.example.org' },
      {
        name: 'st_baseuri',
        description: 'Page of your website on which the number was shown first',
        example: 'https://www.example.com/landing',
      },
      {
        name: 'st_activity_keyword',
        description: 'Activity of the pool that made the number appear',
        example: 'organic search',
      },
      {
        name: 'st_displayed_timestamp',
        description: 'When the number was shown first, in US Eastern time; carried as RFC 3339 it is converted',
        example: '2019-03-27 20:01:10',
      },
      { name: 'st_ip_address', description: 'IP address of the visitor', example: '192.0.2.10' },
      { name: 'st_document_title', description: 'Title of the page viewed first', example: 'Example Air Conditioning' },
      { name: 'st_browser', description: 'Web browser of the visitor', example: 'Firefox' },
      { name: 'st_os', description: 'Operating system of the visitor', example: 'Mac OS X' },
      { name: 'st_ibp_custom', description: 'A value of your own, handed to SourceTrak', example: 'spring-offer' },
      { name: 'st_ibp_unique_id', description: 'An id of your own, handed to SourceTrak', example: 'visitor-1001' },
      { name: 'st_pid', description: 'Identifies the SourceTrak session', example: '8f14e45f' },
      { name: 'st_domain_set_id', description: 'Domain set that the called number belongs to', example: '301' },
      { name: 'st_gclid', description: 'Click id of the visit from Google’s advertising', example: 'xyz123' },
      {
        name: 'st_google_ua_client_id',
        description: 'Client id that Google’s analytics gave the visitor',
        example: '1045219283.1553731200',
      },
      { name: 'st_pool_name', description: 'Pool that the called number belongs to', example: 'Main Pool' },
      {
        name: 'st_location_name',
        description: 'Which of the locations shown on one page got the call',
        example: 'Downtown',
      },
      { name: 'st_sourceguard', description: 'Whether the called number is a SourceGuard number', example: 0 },
      {
        name: 'st_campaign',
        description: 'Advertising campaign of the visit, or the one configured for want of it',
        example: 'Spring Sale',
      },
      {
        name: 'st_platform',
        description: 'Advertising platform of the visit, or the one configured for want of it',
        example: 'Google Ads',
      },
      {
        name: 'st_url_tag',
        description: 'Advertisement or parameter of the address that led to the call',
        example: 'ad-42',
      },
    ],
  }
}
