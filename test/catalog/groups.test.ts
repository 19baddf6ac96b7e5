import { describe, expect, test } from 'vitest'
import * as groups from '../../src/catalog/groups.ts'

const BEFORE_REFERRER = ['st_rank', 'st_search_term']
const AFTER_REFERRER =
  `st_baseuri st_activity_keyword st_displayed_timestamp st_ip_address st_document_title st_browser st_os
  st_ibp_custom st_ibp_unique_id st_pid st_domain_set_id st_gclid st_google_ua_client_id st_pool_name st_location_name
  st_sourceguard st_campaign st_platform st_url_tag`.split(/\s+/)

describe('names that requests are made of stand in the order of their document', () => {
  test.each<[string, readonly string[], number, string]>([
    [
      'the IVR’s parameters',
      groups.IVR_PARAMETERS,
      12,
      `ivr_number_called ivr_caller_id ivr_id ivr_response_id ivr_timestamp ivr_pass_through ivr_session_id ivr_completed
       ivr_call_result ivr_monitored_time ivr_opted_out ivr_phone_label`,
    ],
    [
      'LeadFlow',
      groups.LEADFLOW,
      24,
      `call_date leadflow_set_name leadflow_id destination_name destination_number source_name phone_label source_number tag
       caller_id source_qualified destination_qualified rerouted repeat_source_caller talk_minutes talk_seconds total_minutes
       total_seconds call_duration source_price_per_call destination_price_per_call sid previous_qualified_source_call
       previous_qualified_destination_call`,
    ],
    ['CAKE', groups.CAKE, 2, 'cake_affiliate_id cake_offer_id'],
    ['a transcription', groups.TRANSCRIPTION, 6, 'survo_id unique_id question duration date text'],
    ['a Wix Answers payload', groups.WIX_MEMBERS, 4, 'callId from user input'],
  ])('%s', (_title, names, count, expected) => {
    expect(names).toHaveLength(count)
    expect(names).toEqual(expected.split(/\s+/))
  })

  test('SourceTrak of an IVR webhook, with its spelling of the referrer', () => {
    expect(groups.IVR_SOURCETRAK).toHaveLength(22)
    expect(groups.IVR_SOURCETRAK).toEqual([...BEFORE_REFERRER, 'st_referrer', ...AFTER_REFERRER])
  })

  test('SourceTrak of a post-call action, with its spelling of the referrer', () => {
    expect(groups.POST_CALL_SOURCETRAK).toHaveLength(22)
    expect(groups.POST_CALL_SOURCETRAK).toEqual([...BEFORE_REFERRER, 'st_referer', ...AFTER_REFERRER])
  })
})
