export { asRequest, DoneBefore } from '../../store/kit/request-keys.ts';
