import { ReasonDto } from './reason.dto.ts';

export class ConfirmDto extends ReasonDto {}
